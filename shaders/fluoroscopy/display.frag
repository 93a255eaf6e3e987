#version 330 core
// One pixel of the monitor: log of the detector's energy through a window to grey.
// In: energy [keV]. Out: grey 0-1; what attenuates (bone, metal, cement) is dark unless inverted.
// Numpy twin: game.fluoroscopy.picture.grey.

uniform sampler2D picture;
uniform float darkest;   // ln keV shown as 0
uniform float span;      // ln keV from 0 to 1
uniform float inverted;  // 1 or 0

layout(location = 0) out vec4 result;

void main() {
    float energy = texelFetch(picture, ivec2(gl_FragCoord.xy), 0).r;
    float value = clamp((log(max(energy, 1e-6)) - darkest) / span, 0.0, 1.0);
    result = vec4(vec3(mix(value, 1.0 - value, inverted)), 1.0);
}
