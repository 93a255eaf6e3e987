#version 330 core
// One pixel of the monitor: log of the detector's energy, its slow part compressed, through a window to grey.
// In: energy [keV]; its slow logarithm, coarse [ln keV]. Out: grey 0-1; what attenuates (bone, metal, cement) is dark unless
// inverted. Numpy twin: game.fluoroscopy.picture.grey.

uniform sampler2D picture;
uniform sampler2D tone;
uniform float compression;  // share of the slow part that is taken away
uniform float target;       // ln keV that is shown at `anchor`
uniform float scattered;    // ln (1 + scatter to primary): `tone` is of the primary alone
uniform float anchor;       // grey 0-1
uniform float span;         // ln keV from 0 to 1
uniform float inverted;     // 1 or 0

layout(location = 0) out vec4 result;

void main() {
    vec2 size = vec2(textureSize(picture, 0));
    float energy = log(max(texelFetch(picture, ivec2(gl_FragCoord.xy), 0).r, 1e-6));
    float slow = texture(tone, gl_FragCoord.xy / size).r + scattered;
    float value = clamp(anchor + (energy - target - compression * (slow - target)) / span, 0.0, 1.0);
    result = vec4(vec3(mix(value, 1.0 - value, inverted)), 1.0);
}
