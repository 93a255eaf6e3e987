// One pixel of the final picture: what is drawn of a part of it, stretched or shrunk over that part, its stairs smoothed.
// In: drawn picture, display values 0-1, of which the lower left `used` pixels count. Out: display value 0-1. Shrunk by two,
// the linear filter takes the mean of the four drawn pixels.
// Method: FXAA's luminance edges (Lottes 2009), in the short form of five taps. Numpy twin: none, no law here.

uniform sampler2D drawn;
uniform vec2 used;  // px
uniform vec2 origin;  // px of the final picture: lower left of the part
uniform vec2 size;    // px of the final picture: its width and height

layout(location = 0) out vec4 result;

float grey(vec3 colour) {
    return dot(colour, vec3(0.30, 0.59, 0.11));
}

void main() {
    vec2 whole = vec2(textureSize(drawn, 0));
    vec2 low = vec2(0.5), high = used - 0.5;
    vec2 middle = (gl_FragCoord.xy - origin) * used / size;
    vec3 here = texture(drawn, clamp(middle, low, high) / whole).rgb;
#ifdef SMOOTH
    float nw = grey(texture(drawn, clamp(middle + vec2(-1.0, 1.0), low, high) / whole).rgb);
    float ne = grey(texture(drawn, clamp(middle + vec2(1.0, 1.0), low, high) / whole).rgb);
    float sw = grey(texture(drawn, clamp(middle + vec2(-1.0, -1.0), low, high) / whole).rgb);
    float se = grey(texture(drawn, clamp(middle + vec2(1.0, -1.0), low, high) / whole).rgb);
    float m = grey(here);
    float least = min(m, min(min(nw, ne), min(sw, se)));
    float most = max(m, max(max(nw, ne), max(sw, se)));
    if (most - least > max(0.03, 0.10 * most)) {
        vec2 along = vec2(sw + se - nw - ne, nw + sw - ne - se);
        float lift = max((nw + ne + sw + se) * 0.03125, 0.0078);
        along = clamp(along / (min(abs(along.x), abs(along.y)) + lift), -6.0, 6.0);
        vec3 near = 0.5 * (texture(drawn, clamp(middle - along / 6.0, low, high) / whole).rgb
                         + texture(drawn, clamp(middle + along / 6.0, low, high) / whole).rgb);
        vec3 far = 0.5 * near + 0.25 * (texture(drawn, clamp(middle - along / 2.0, low, high) / whole).rgb
                                      + texture(drawn, clamp(middle + along / 2.0, low, high) / whole).rgb);
        float found = grey(far);
        here = found < least || found > most ? near : far;
    }
#endif
    result = vec4(here, 1.0);
}
