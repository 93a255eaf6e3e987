// Values that look random and are smooth: for weave, skin and floor. Numpy twin: none, no law here.

float scatter(vec3 cell) {
    cell = fract(cell * vec3(0.1031, 0.1030, 0.0973));
    cell += dot(cell, cell.yxz + 33.33);
    return fract((cell.x + cell.y) * cell.z);
}

// 0-1, changing over about 1 unit
float lumps(vec3 p) {
    vec3 cell = floor(p), f = p - cell;
    f = f * f * (3.0 - 2.0 * f);
    vec2 e = vec2(0.0, 1.0);
    vec4 low = vec4(scatter(cell), scatter(cell + e.yxx), scatter(cell + e.xyx), scatter(cell + e.yyx));
    vec4 high = vec4(scatter(cell + e.xxy), scatter(cell + e.yxy), scatter(cell + e.xyy), scatter(cell + e.yyy));
    vec4 between = mix(low, high, f.z);
    vec2 row = mix(between.xy, between.zw, f.y);
    return mix(row.x, row.y, f.x);
}

// One value a pixel of the screen, -0.5 to 0.5, against banding: interleaved gradient noise (Jimenez 2014).
float grain(vec2 pixel) {
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715)))) - 0.5;
}
