// One vertex of a thing in the room. Light that changes slowly is reckoned here, for software renderers' sake.
// In: position and normal in the thing's own frame, uv, baked shade 0-1. Out: place [m] and normal in the room frame, the
// position in the thing's own frame [m] (patterns stick to it), clip position. Numpy twin: none, no law here.

uniform mat4 p3d_ModelViewProjectionMatrix;
uniform mat4 p3d_ModelMatrix;  // room from the thing's frame
uniform float metre;           // metres in a unit of the thing's frame

in vec4 p3d_Vertex;
in vec3 p3d_Normal;
in vec2 p3d_MultiTexCoord0;
in float shade;
out vec3 place;
out vec3 facing;
out vec3 own;
out vec2 at;
out float open;
out float clear;  // share of the sky that is left
out float mottle;  // 0-1, of 4 cm: cloth and skin are nowhere quite even
out vec3 around;  // light from the surroundings on a white matte face

#ifdef CLOTH
// Height [m] of the creases of worn cloth: ridges some 7 and 3 cm apart.
float creases(vec3 p) {
    return 0.0016 * (abs(2.0 * lumps(p * vec3(15.0, 15.0, 9.0)) - 1.0) + 0.45 * abs(2.0 * lumps(p * 33.0 + 7.0) - 1.0));
}
#endif

void main() {
    place = (p3d_ModelMatrix * p3d_Vertex).xyz;
    own = p3d_Vertex.xyz * metre;
    vec3 upright = p3d_Normal;
#ifdef CLOTH
    vec2 e = vec2(0.004, 0.0);
    vec3 slope = (vec3(creases(own + e.xyy), creases(own + e.yxy), creases(own + e.yyx)) - creases(own)) / e.x;
    upright -= slope - upright * dot(slope, upright);
#endif
    facing = mat3(p3d_ModelMatrix) * upright;
    vec3 n = normalize(facing);
    clear = mix(0.20, 1.0, shade) * unblocked(place, n);  // even a corner gets light from its own walls
    around = diffuse(n) * clear;
    at = p3d_MultiTexCoord0;
    open = shade;
#if defined(CLOTH) || defined(SKIN)
    mottle = lumps(own * 26.0);
#else
    mottle = 0.5;
#endif
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
