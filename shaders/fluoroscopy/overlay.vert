#version 330 core
// One corner of a quad over a screen's picture. In: clip position in x and y, a length [pixels] in z, coordinates in the quad.
// Out: the coordinates and the length. Numpy twin: none, no law here.

in vec4 p3d_Vertex;
in vec2 p3d_MultiTexCoord0;
out vec3 place;

void main() {
    place = vec3(p3d_MultiTexCoord0, p3d_Vertex.z);
    gl_Position = vec4(p3d_Vertex.xy, 0.0, 1.0);
}
