"""From C-arm and patient to the detector's image and the picture on the monitor. Drawn by Panda3D without a window."""
