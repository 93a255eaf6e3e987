#version 330 core
// One vertex of a thing that throws a shadow, seen from the lamp. In: position in its own frame. Out: clip position.
// Numpy twin: none, no law here.

uniform mat4 p3d_ModelViewProjectionMatrix;
in vec4 p3d_Vertex;

void main() {
    gl_Position = p3d_ModelViewProjectionMatrix * p3d_Vertex;
}
