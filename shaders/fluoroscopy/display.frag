#version 330 core
// One pixel of the monitor: log of the detector's energy, its slow part compressed, through a window with a shoulder to grey.
// In: energy [keV]; its slow logarithm, coarse [ln keV]. Out: grey 0-1; what attenuates (bone, metal, cement) is dark unless
// inverted. Numpy twin: game.fluoroscopy.picture.grey.

uniform sampler2D picture;
uniform sampler2D tone;
uniform float compression;  // share of the slow part that is taken away
uniform vec3 bright;         // more of that share; from ln keV over the target; how softly
uniform vec2 shoulder;       // grey above which the curve bends; power
uniform float target;       // ln keV that is shown at `anchor`
uniform float anchor;       // grey 0-1
uniform float span;         // ln keV from 0 to 1
uniform float inverted;     // 1 or 0

layout(location = 0) out vec4 result;

void main() {
    vec2 size = vec2(textureSize(picture, 0));
    float energy = log(max(texelFetch(picture, ivec2(gl_FragCoord.xy), 0).r, 1e-6));
    float slow = texture(tone, gl_FragCoord.xy / size).r;
    float over = slow - target;
    float knee = (over - bright.y) / bright.z;
    float more = bright.z * (max(knee, 0.0) + log(1.0 + exp(-abs(knee))));
    float value = max(anchor + (energy - target - compression * over - bright.x * more) / span, 0.0);
    float room = 1.0 - shoulder.x;
    float beyond = max(value - shoulder.x, 0.0) / room;
    value = value < shoulder.x ? value : 1.0 - room * pow(1.0 + beyond / shoulder.y, -shoulder.y);
    result = vec4(vec3(mix(value, 1.0 - value, inverted)), 1.0);
}
