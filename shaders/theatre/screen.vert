#version 330 core
// One corner of a triangle that covers the picture. In: clip position. Numpy twin: none, no law here.

in vec4 p3d_Vertex;

void main() {
    gl_Position = vec4(p3d_Vertex.xy, 0.0, 1.0);
}
