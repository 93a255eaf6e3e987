#version 330 core
// One fragment of a thing that throws a shadow: only its depth is kept. Numpy twin: none, no law here.

layout(location = 0) out vec4 result;

void main() {
    result = vec4(1.0);
}
