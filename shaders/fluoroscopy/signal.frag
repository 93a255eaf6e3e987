#version 330 core
// One pixel: paths in, what the detector absorbs of the primary beam out.
// In: paths [mm] of the still anatomy and of what moves, two textures each. Out: mean [keV] and variance [keV^2].
// Compound Poisson over `bins` energies: mean = sum N e E exp(-mu L), variance = sum N e E^2 exp(-mu L).
// Numpy twin: models.xray.signal.

#define BINS 24

uniform sampler2D still_first;
uniform sampler2D still_second;
uniform sampler2D moving_first;
uniform sampler2D moving_second;
uniform int bins;  // a uniform, so that no compiler unrolls the sum (seconds on llvmpipe)
uniform vec4 mu_first[BINS];   // 1/mm, channels 0-3
uniform vec4 mu_second[BINS];  // 1/mm, channels 4-7
uniform float energy[BINS];    // keV
uniform float counted[BINS];   // photons a pixel absorbs with nothing in the beam

layout(location = 0) out vec4 signal;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 first = texelFetch(still_first, pixel, 0) + texelFetch(moving_first, pixel, 0);
    vec4 second = texelFetch(still_second, pixel, 0) + texelFetch(moving_second, pixel, 0);
    float mean = 0.0;
    float variance = 0.0;
    for (int k = 0; k < bins; ++k) {
        float each = counted[k] * energy[k] * exp(-dot(mu_first[k], first) - dot(mu_second[k], second));
        mean += each;
        variance += each * energy[k];
    }
    signal = vec4(mean, variance, 0.0, 0.0);
}
