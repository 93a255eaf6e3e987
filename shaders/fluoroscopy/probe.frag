#version 330 core
// One fragment of the start-up probe: a known value in every channel, to see that blending adds. Numpy twin: none, no law here.

uniform float value;
layout(location = 0) out vec4 first;
layout(location = 1) out vec4 second;

void main() {
    first = vec4(value);
    second = vec4(value);
}
