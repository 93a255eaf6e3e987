#version 330 core
// One coarse pixel: the mean of a square block of fine ones. In: a picture. Out: the same quantity.
// Numpy twin: game.fluoroscopy.picture.shrunk.

uniform sampler2D picture;
uniform int block;  // fine pixels a side

layout(location = 0) out vec4 result;

void main() {
    ivec2 corner = ivec2(gl_FragCoord.xy) * block;
    vec4 total = vec4(0.0);
    for (int row = 0; row < block; ++row) {
        for (int column = 0; column < block; ++column) {
            total += texelFetch(picture, corner + ivec2(column, row), 0);
        }
    }
    result = total / float(block * block);
}
