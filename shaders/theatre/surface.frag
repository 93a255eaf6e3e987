// One fragment of a thing in the room, by what it is made of (one of the variants of game/theatre/variants.py).
// In: place [m], normal, own position [m], uv, baked shade. Out: display value, premultiplied by the share it covers.
// Method: GGX with Smith's visibility and Schlick's Fresnel for lamp and surroundings (Karis 2014); cloth: a rim of
// fibres; skin: light that wraps round by colour; glass: Fresnel over what lies behind. Numpy twin: none, no law here.
// Strengths and sizes of patterns are chosen by eye.

uniform vec3 base;      // linear colour
uniform vec4 matter;    // roughness, metallic, alpha, glow
uniform vec3 eye;       // m
uniform vec3 cross_source;  // m: the X-ray source; beam, column and row of the detector: unit
uniform vec3 cross_beam;
uniform vec3 cross_column;
uniform vec3 cross_row;
uniform float cross_light;
#ifdef SCREEN
uniform sampler2D picture;
#endif

in vec3 place;
in vec3 facing;
in vec3 own;
in vec2 at;
in float open;
in float clear;
in float mottle;
in vec3 around;
layout(location = 0) out vec4 result;

// Two planes through source and beam, drawn where they cut a face that looks at the detector.
float crossed(vec3 n) {
    vec3 offset = place - cross_source;
    vec2 off = vec2(dot(offset, cross_column), dot(offset, cross_row));
    vec2 pixel = max(fwidth(off), vec2(1e-5));
    vec2 line = clamp((0.0008 + pixel - abs(off)) / pixel, 0.0, 1.0) * min(vec2(1.0), 0.0030 / pixel);
    float reach = 0.16 * dot(offset, cross_beam);
    float near = 1.0 - smoothstep(0.85 * reach, reach, max(abs(off.x), abs(off.y)));
    return max(line.x, line.y) * near * smoothstep(0.05, 0.3, dot(n, cross_beam));
}

// The normal of a surface that stands out by `height` times `scale` [m], by differences on the screen (Mikkelsen 2010).
vec3 bumped(vec3 n, float height, float scale) {
    vec3 across = dFdx(place), up = dFdy(place);
    vec3 first = cross(up, n), second = cross(n, across);
    float area = dot(across, first);
    vec3 slope = sign(area) * (dFdx(height) * first + dFdy(height) * second);
    return normalize(max(abs(area), 1e-9) * n - scale * slope);
}

void main() {
    vec3 v = normalize(eye - place);
    vec3 n = normalize(facing);
    vec3 colour = base;
    float rough = matter.x, metal = matter.y;
    float pixel = length(fwidth(own));  // m a pixel: fine patterns fade before they flicker
#ifdef GLOW
    float face = clamp(dot(n, v), 0.0, 1.0);
    result = vec4(displayed(base * matter.w * (0.35 + 0.65 * face)), 1.0);
#else
#ifdef SCREEN
    vec2 wide = fwidth(at);
    vec3 shown = vec3(0.0);
    for (int i = 0; i < 16; i++)
        shown += texture(picture, at + wide * (vec2(i & 3, i >> 2) - 1.5) * 0.25).rgb;
    float gloss = 0.04 + 0.96 * pow(1.0 - clamp(dot(n, v), 0.0, 1.0), 5.0);
    vec3 mirror = reflect(-v, n);
    result = vec4(displayed(pow(shown / 16.0, vec3(2.2)) * matter.w + 0.004 + 0.35 * gloss * surroundings(place, mirror, 0.35)), 1.0);
#else
    // Fine patterns stand in loops of one round or none: software renderers skip loops, not branches.
#ifdef CLOTH
    float thread = 1.0 - smoothstep(0.00025, 0.0007, pixel);
    for (int i = 0; i < int(thread > 0.0); i++) {
        vec3 weave = sin(own * 3900.0);
        colour *= 1.0 + 0.14 * thread * (weave.x * weave.z + weave.y * weave.z * 0.5);
    }
    colour *= 0.94 + 0.12 * mottle;
#endif
#ifdef SKIN
    colour *= mix(vec3(1.03, 0.96, 0.94), vec3(0.97, 1.03, 1.05), mottle);
    float pores = 1.0 - smoothstep(0.0003, 0.0011, pixel), height = 0.0;
    for (int i = 0; i < int(pores > 0.0); i++) height = lumps(own * 1300.0) + 0.6 * lumps(own * 520.0);
    n = bumped(n, height, 0.00016 * pores);
#endif
#ifdef FLOOR
    float chips = 1.0 - smoothstep(0.002, 0.010, pixel);
    for (int i = 0; i < int(chips > 0.0); i++) colour *= 1.0 + chips * 0.22 * (lumps(place * 170.0) - 0.5);
    vec2 seam = abs(fract(place.xy / 2.0) - 0.5) * 2.0;
    vec2 seam_pixel = max(fwidth(place.xy), vec2(0.0005));
    vec2 groove = clamp((seam - 0.0025) / seam_pixel, 0.0, 1.0);
    colour *= mix(1.0, 0.72 + 0.28 * min(groove.x, groove.y), clamp(0.004 / seam_pixel.x, 0.0, 1.0));
#endif
#ifdef BRUSHED
    float fine = 1.0 - smoothstep(0.0006, 0.003, pixel), streak = 0.5;
    for (int i = 0; i < int(fine > 0.0); i++) streak = lumps(own * vec3(40.0, 40.0, 900.0));
    rough *= 0.85 + 0.3 * mix(0.5, streak, fine);
#endif
    float facing_eye = clamp(dot(n, v), 0.02, 1.0);
    float free = clear;
    vec3 sky = around;
    vec3 toward = lamp_place - place;
    float square = dot(toward, toward);
    vec3 l = toward * inversesqrt(square);
    float slope = dot(n, l);
    float cone = smoothstep(lamp_cone.x, lamp_cone.y, -dot(l, lamp_axis));
    float reached = lit(place, n, slope, cone);
    vec3 lamp = lamp_light * (reached / square);
    vec3 f0 = mix(vec3(0.04), colour, metal);
    vec3 albedo = colour * (1.0 - metal);
    vec3 light;
#ifdef SKIN
    vec3 wrap = vec3(0.42, 0.18, 0.12);
    vec3 soft = clamp((slope + wrap) / (1.0 + wrap), 0.0, 1.0);
    light = albedo * (soft * soft * lamp + sky * vec3(1.15, 1.03, 1.0));
#else
    light = albedo * (max(slope, 0.0) * smoothstep(0.0, 0.25, slope) * lamp + sky);  // grazing shadows have saw edges
#endif
#ifdef CLOTH
    float rim = pow(1.0 - facing_eye, 3.0);
    light += (0.25 * colour + 0.03) * rim * (sky + lamp * clamp(slope * 0.6 + 0.4, 0.0, 1.0));
#endif
#if !defined(CLOTH) && !defined(MATTE)
    float alpha = rough * rough, a2 = alpha * alpha;
    vec3 h = normalize(l + v);
    float nh = clamp(dot(n, h), 0.0, 1.0), vh = clamp(dot(v, h), 0.0, 1.0), nl = clamp(slope, 0.0, 1.0);
    float d = nh * nh * (a2 - 1.0) + 1.0;
    float k = alpha * 0.5;
    float visible = 0.25 / ((nl * (1.0 - k) + k) * (facing_eye * (1.0 - k) + k));
    float fresnel = pow(1.0 - vh, 5.0);
    light += lamp * nl * min(a2 / (d * d), 60.0) * visible * mix(f0, vec3(1.0), fresnel);
    vec3 mirror = reflect(-v, n);
    vec4 fit = rough * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a004 = min(fit.x * fit.x, exp2(-9.28 * facing_eye)) * fit.x + fit.y;
    vec2 share = vec2(-1.04, 1.04) * a004 + fit.zw;
    float horizon = clamp(free * (1.0 + facing_eye), 0.0, 1.0);
    light += surroundings(place, mirror, rough) * (f0 * share.x + share.y) * horizon;
#endif
#if defined(CLOTH) || defined(SKIN)
    light = mix(light, vec3(1.5, 0.10, 0.06), cross_light * crossed(n));
#endif
#ifdef CLEAR
    float edge = pow(1.0 - facing_eye, 4.0);
    float cover = mix(matter.z, 1.0, edge * 0.8);
    result = vec4(displayed(light) * cover, cover);
#elif defined(GHOST)
    float edge = pow(1.0 - facing_eye, 2.0);
#ifdef BONE
    float cover = matter.z * (0.75 + 0.25 * edge);
#else
    float cover = matter.z * (0.22 + 0.78 * edge);
#endif
    result = vec4(displayed(light) * cover, cover);
#else
    result = vec4(displayed(light) + grain(gl_FragCoord.xy) / 255.0, 1.0);
#endif
#endif
#endif
}
