#version 330 core
// One ray through a box of cement: the path in cement, which takes the place of soft tissue.
// In: fraction of cement on a cubic grid, linear between samples, 0 outside. Out, added by blending: path [mm], channels 0-3, 4-7.
// Midpoint rule with `steps` steps over the ray's span of the box. Numpy twin: game.fluoroscopy.projector.cement_path.

uniform sampler3D fraction;
uniform mat4 direction_from_pixel;  // (column, row from the bottom, 1, 0) to a ray [mm], patient frame
uniform vec3 source;                // mm, patient frame
uniform vec3 low;                   // mm, corner of the outermost samples' cells
uniform vec3 extent;                // mm
uniform int steps;
uniform vec4 change_first;
uniform vec4 change_second;

layout(location = 0) out vec4 first;
layout(location = 1) out vec4 second;

void main() {
    vec3 direction = normalize((direction_from_pixel * vec4(gl_FragCoord.xy, 1.0, 0.0)).xyz);
    vec3 one = (low - source) / direction;
    vec3 other = (low + extent - source) / direction;
    vec3 lesser = min(one, other);
    vec3 greater = max(one, other);
    float begin = max(max(lesser.x, lesser.y), lesser.z);
    float end = min(min(greater.x, greater.y), greater.z);
    if (begin >= end) {
        discard;
    }
    float stride = (end - begin) / float(steps);
    float total = 0.0;
    for (int i = 0; i < steps; ++i) {
        vec3 position = source + (begin + (float(i) + 0.5) * stride) * direction;
        total += texture(fraction, (position - low) / extent).r;
    }
    first = total * stride * change_first;
    second = total * stride * change_second;
}
