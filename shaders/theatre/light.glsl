// What light comes from where: the room as an analytic box with ceiling panels, the surgical lamp with its shadow, and what
// large things near by take away. In: places [m] and directions in the room frame. Out: radiance, linear, 1 is a white wall's.
// Numpy twin: game.theatre.light.surroundings (of `surroundings` at roughness 0).

uniform vec3 room_low;            // m, the box that reflections hit
uniform vec3 room_high;
uniform vec4 panels;              // m: x and y of a ceiling panel's centre, and how far apart the next ones are
uniform vec2 panel_half;          // m, half its sides
uniform float panel_light;        // radiance
uniform vec3 wall_colour;
uniform vec3 floor_colour;
uniform vec3 ceiling_colour;
uniform vec4 ambient[9];          // radiance by direction of the normal, spherical harmonics of degree 2
uniform mat4 lamp_from_room;      // to 0-1 of the shadow map
uniform sampler2DShadow lamp_depth;
uniform vec3 lamp_place;          // m
uniform vec3 lamp_axis;           // unit, the way it shines
uniform vec3 lamp_light;          // radiance of white facing it at 1 m
uniform vec2 lamp_cone;           // cosines: outer edge, inner edge
uniform float shadow_blur;        // of the map's width
uniform vec4 blockers[BLOCKERS];  // m: centre and radius of balls that stand for large things

vec3 surroundings(vec3 from, vec3 way, float rough) {
    vec3 inside = clamp(from, room_low + 0.01, room_high - 0.01);
    vec3 reach = (mix(room_low, room_high, step(0.0, way)) - inside) / (abs(way) + 1e-5) * sign(way + 1e-6);
    float far = min(reach.x, min(reach.y, reach.z));
    vec3 hit = inside + far * way;
    float soft = 0.02 + far * rough * rough * 1.6;
    vec2 off = abs(mod(hit.xy - panels.xy + 0.5 * panels.zw, panels.zw) - 0.5 * panels.zw);
    vec2 share = clamp((panel_half - off) / soft * 0.5 + 0.5, 0.0, 1.0) * min(vec2(1.0), panel_half / (0.6 * soft));
    float edge = 0.15 + rough * rough * 2.0;
    float up = clamp((hit.z - room_high.z) / edge + 1.0, 0.0, 1.0);
    float down = clamp((room_low.z - hit.z) / edge + 1.0, 0.0, 1.0);
    vec3 light = wall_colour * (0.8 + 0.4 * (hit.z - room_low.z) / (room_high.z - room_low.z));
    light = mix(light, floor_colour, down);
    return mix(light, ceiling_colour + panel_light * share.x * share.y, up);
}

vec3 diffuse(vec3 n) {
    return max(ambient[0].rgb + ambient[1].rgb * n.y + ambient[2].rgb * n.z + ambient[3].rgb * n.x
        + ambient[4].rgb * (n.x * n.y) + ambient[5].rgb * (n.y * n.z) + ambient[6].rgb * (3.0 * n.z * n.z - 1.0)
        + ambient[7].rgb * (n.x * n.z) + ambient[8].rgb * (n.x * n.x - n.y * n.y), vec3(0.0));
}

// Share of a wide sky that balls near by leave to a small face: 1 - cos * (radius / distance)^2 each, softly below the
// horizon; none from a ball that the face is inside of.
float unblocked(vec3 p, vec3 n) {
    float left = 1.0;
    for (int i = 0; i < BLOCKERS; i++) {
        vec3 toward = blockers[i].xyz - p;
        float square = dot(toward, toward), radius = blockers[i].w;
        float slant = dot(n, toward) * inversesqrt(square);
        float covered = clamp(slant * 0.8 + 0.2, 0.0, 1.0) * radius * radius / (square + radius * radius);
        left *= 1.0 - min(1.4 * covered, 0.9) * smoothstep(0.5, 1.0, square / (radius * radius));
    }
    return left;
}

const vec2 SPREAD[9] = vec2[9](vec2(0.0), vec2(0.53, 0.31), vec2(-0.35, 0.58), vec2(-0.56, -0.28), vec2(0.29, -0.60),
    vec2(0.98, -0.17), vec2(0.13, 0.99), vec2(-0.99, 0.15), vec2(-0.16, -0.98));

// Share of the lamp's light that reaches a place; `slope`: cosine at which it comes, grazing light needs more room.
// The loop has no rounds where there is no light: software renderers skip loops, not branches.
float lit(vec3 p, vec3 n, float slope, float cone) {
    vec4 seen = lamp_from_room * vec4(p + (0.003 + 0.012 * (1.0 - abs(slope))) * n, 1.0);
    vec3 map = seen.xyz / seen.w;
    float sum = 0.0;
    int taps = cone > 0.0 && slope > -0.42 ? TAPS : 0;
    for (int i = 0; i < taps; i++)
        sum += texture(lamp_depth, vec3(map.xy + shadow_blur * SPREAD[i], map.z));
    return cone * sum / float(TAPS);
}

// Display value of a radiance: the top of the range bends to white, hues stay (after Khronos PBR Neutral 2024), then
// sRGB by three roots (Hejl 2013; within 0.004).
vec3 displayed(vec3 light) {
    float low = min(light.r, min(light.g, light.b));
    light -= low < 0.08 ? low - 6.25 * low * low : 0.04;
    float peak = max(light.r, max(light.g, light.b));
    if (peak > 0.72) {
        float bent = 1.0 - 0.0784 / (peak - 0.72 + 0.28);
        light = mix(light * (bent / peak), vec3(bent), 1.0 - 1.0 / (0.15 * (peak - bent) + 1.0));
    }
    vec3 root = sqrt(max(light, vec3(0.0))), second = sqrt(root), third = sqrt(second);
    return 0.585122381 * root + 0.783140355 * second - 0.368262736 * third;
}
