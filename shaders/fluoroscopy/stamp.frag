#version 330 core
// One pixel of a word over a screen's picture. In: the word as a texture. Out: its colour and cover. Numpy twin: none, no law here.

uniform sampler2D word;

in vec3 place;
layout(location = 0) out vec4 result;

void main() {
    result = texture(word, place.xy);
}
