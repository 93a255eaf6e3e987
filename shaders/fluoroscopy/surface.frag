#version 330 core
// One fragment of an oriented closed surface that parts two media: what it adds to the path in each channel.
// In: offset from the source [mm]. Out, added up by blending: path [mm] in channels 0-3 and 4-7.
// A ray's path is the sum over surfaces of -+ distance * (inside - outside): - where it enters, + where it leaves; `middle`
// cancels for closed surfaces and keeps the sums small. Numpy twin: models/rays.py.

uniform vec4 change_first;   // channel weights inside - outside, channels 0-3
uniform vec4 change_second;  // channels 4-7
uniform float middle;        // mm

in vec3 offset;
layout(location = 0) out vec4 first;
layout(location = 1) out vec4 second;

void main() {
    // The detector is looked at from behind, a mirrored camera: faces turned to the source wind clockwise.
    float sense = gl_FrontFacing ? 1.0 : -1.0;
    float path = sense * (length(offset) - middle);
    first = path * change_first;
    second = path * change_second;
}
