#version 330 core
// One coarse pixel's logarithm, not below a floor, so that metal and cement leave the tone round them alone.
// In: mean energy [keV]. Out: ln keV, in red. Numpy twin: game.fluoroscopy.picture.tone.

uniform sampler2D picture;
uniform float least;  // ln keV

layout(location = 0) out vec4 result;

void main() {
    float energy = texelFetch(picture, ivec2(gl_FragCoord.xy), 0).r;
    result = vec4(max(log(max(energy, 1e-6)), least), 0.0, 0.0, 0.0);
}
