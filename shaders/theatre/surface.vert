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

void main() {
    place = (p3d_ModelMatrix * p3d_Vertex).xyz;
    facing = mat3(p3d_ModelMatrix) * p3d_Normal;
    vec3 n = normalize(facing);
    clear = mix(0.20, 1.0, shade) * unblocked(place, n);  // even a corner gets light from its own walls
    around = diffuse(n) * clear;
    own = p3d_Vertex.xyz * metre;
    at = p3d_MultiTexCoord0;
    open = shade;
    mottle = lumps(own * 26.0);
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
