#version 330 core
// One vertex of a closed surface, on its way from its own frame to the detector.
// In: position [mm] in the surface's frame. Out: offset from the source [mm], patient frame; clip position of models.carm.view.
// Depth is left out (clip z = 0): near and far never cut a surface open. Numpy twin: models.carm.View.project.

uniform mat4 p3d_ModelMatrix;  // patient from the surface's frame
uniform mat4 clip_from_patient;
uniform vec3 source;  // mm, patient frame

in vec4 p3d_Vertex;
out vec3 offset;

void main() {
    vec3 position = (p3d_ModelMatrix * p3d_Vertex).xyz;
    offset = position - source;
    gl_Position = clip_from_patient * vec4(offset, 1.0);
    gl_Position.z = 0.0;
}
