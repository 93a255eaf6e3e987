"""What is: patients, instruments, C-arm geometry, tissue tables, X-ray laws. No clock, no screen, no Panda3D."""
