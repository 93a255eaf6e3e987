#version 330 core
// One coarse pixel's logarithm, not below a floor, so that metal and cement leave the tone round them alone.
// In: mean energy [keV] of primary and, coarser, of scatter. Out: ln keV, in red. Numpy twin: game.fluoroscopy.picture.tone.

uniform sampler2D picture;
uniform sampler2D spread;
uniform float least;  // ln keV

layout(location = 0) out vec4 result;

void main() {
    vec2 size = vec2(textureSize(picture, 0));
    float energy = texelFetch(picture, ivec2(gl_FragCoord.xy), 0).r + texture(spread, gl_FragCoord.xy / size).r;
    result = vec4(max(log(max(energy, 1e-6)), least), 0.0, 0.0, 0.0);
}
