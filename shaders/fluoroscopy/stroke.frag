#version 330 core
// One pixel of a line with round ends over a screen's picture.
// In: place along and across the segment and its length [pixels]. Out: colour, cover by distance from the segment.
// Numpy twin: none, no law here.

uniform vec4 colour;
uniform float half_width;  // pixels

in vec3 place;
layout(location = 0) out vec4 result;

void main() {
    float beyond = max(max(-place.x, place.x - place.z), 0.0);
    float cover = clamp(half_width + 0.5 - length(vec2(beyond, place.y)), 0.0, 1.0);
    result = vec4(colour.rgb, colour.a * cover);
}
