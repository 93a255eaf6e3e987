#version 330 core
// One pixel of what a screen shows: a picture by quarter turns and mirror, or black.
// In: a picture, its place as a linear map of the screen's. Out: grey. Numpy twin: game.fluoroscopy.display.shown (at one size).

uniform sampler2D picture;
uniform vec2 size;    // pixels of the screen
uniform vec2 across;  // step in the picture for a step to the right on the screen, both 0-1
uniform vec2 up;      // the same for a step up
uniform float lit;    // 1, or 0 for black

layout(location = 0) out vec4 result;

void main() {
    vec2 place = gl_FragCoord.xy / size - 0.5;
    result = vec4(lit * texture(picture, 0.5 + place.x * across + place.y * up).rgb, 1.0);
}
