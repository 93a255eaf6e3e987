#version 330 core
// One pixel as one pulse gives it: primary and scatter, with quantum noise.
// In: mean [keV] and variance [keV^2] of the primary, blurred; the same of scatter, coarser. Out: energy [keV], >= 0.
// Noise is normal with the sum's variance; its two uniform numbers are a hash of pixel and seed, so a seed repeats.
// Numpy twin: game.fluoroscopy.picture.expected (without noise).

uniform sampler2D primary;
uniform sampler2D spread;
uniform float noisy;    // 1 or 0
uniform int seed;

layout(location = 0) out vec4 result;

// pcg3d of Jarzynski and Olano 2020, J Comput Graph Tech 9(3).
uvec3 hashed(uvec3 v) {
    v = v * 1664525u + 1013904223u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v ^= v >> 16u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    return v;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec2 size = vec2(textureSize(primary, 0));
    vec2 sum = texelFetch(primary, pixel, 0).rg + texture(spread, gl_FragCoord.xy / size).rg;
    uvec3 bits = hashed(uvec3(uint(pixel.x), uint(pixel.y), uint(seed)));
    float radius = sqrt(-2.0 * log((float(bits.x >> 8u) + 0.5) / 16777216.0));
    float normal = radius * cos(6.28318530718 * (float(bits.y >> 8u) + 0.5) / 16777216.0);
    result = vec4(max(sum.r + noisy * sqrt(max(sum.g, 0.0)) * normal, 0.0), 0.0, 0.0, 0.0);
}
