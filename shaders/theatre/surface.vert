#version 330 core
// One vertex of a thing in the room.
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

void main() {
    place = (p3d_ModelMatrix * p3d_Vertex).xyz;
    facing = mat3(p3d_ModelMatrix) * p3d_Normal;
    own = p3d_Vertex.xyz * metre;
    at = p3d_MultiTexCoord0;
    open = shade;
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
