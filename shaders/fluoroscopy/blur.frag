#version 330 core
// One pixel of a picture blurred along one axis with a symmetric kernel.
// In: a picture; weights from the middle outward. Out: the same quantity. Edges repeat. Numpy twin: game.fluoroscopy.picture.blurred.

#define TAPS 25

uniform sampler2D picture;
uniform ivec2 along;  // (1, 0) or (0, 1)
uniform int reach;    // last weight used, < TAPS
uniform float weights[TAPS];

layout(location = 0) out vec4 result;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    ivec2 last = textureSize(picture, 0) - 1;
    vec4 total = weights[0] * texelFetch(picture, pixel, 0);
    for (int i = 1; i <= reach; ++i) {
        vec4 both = texelFetch(picture, clamp(pixel + i * along, ivec2(0), last), 0)
                  + texelFetch(picture, clamp(pixel - i * along, ivec2(0), last), 0);
        total += weights[i] * both;
    }
    result = total;
}
