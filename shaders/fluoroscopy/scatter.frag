#version 330 core
// One cell of the scatter picture: what every cell of the primary spreads to it, by the thickness that the primary tells.
// In: mean [keV] and variance [keV^2] of the primary, coarse. Out: the same of scatter. Numpy twin: models.scatter.scattered.

uniform sampler2D picture;
uniform float clear;   // keV with nothing in the beam
uniform vec3 tissue;   // dm of soft tissue = x (a + x (b + x c)) that weakens by e^-x
uniform float pitch;   // mm a cell
uniform float passed;  // scatter that the grid passes, over primary
uniform float thickest;  // dm
uniform vec2 narrow;   // by t: constant, slope
uniform vec3 wide;     // by t: constant, slope, square
uniform vec3 sigma;    // mm: narrow; wide; less for each dm

layout(location = 0) out vec4 result;

void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 size = textureSize(picture, 0);
    vec2 total = vec2(0.0);
    for (int row = 0; row < size.y; ++row) {
        for (int column = 0; column < size.x; ++column) {
            vec2 primary = texelFetch(picture, ivec2(column, row), 0).rg;
            float x = max(log(clear / max(primary.r, 1e-9 * clear)), 0.0);
            float t = clamp(x * (tissue.x + x * (tissue.y + x * tissue.z)), 0.0, thickest);
            vec2 apart = vec2(cell - ivec2(column, row)) * pitch;
            float square = -0.5 * dot(apart, apart);
            vec2 widths = vec2(sigma.x, sigma.y - sigma.z * t);
            vec2 share = vec2(narrow.x + narrow.y * t, wide.x + t * (wide.y + t * wide.z)) / (widths * widths);
            total += primary * t * dot(share, exp(square / (widths * widths)));
        }
    }
    result = vec4(total * passed * pitch * pitch / 6.28318530718, 0.0, 0.0);
}
