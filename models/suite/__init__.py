"""What the room is made of: meshes and materials of table, C-arm, monitors, drape, body and instruments, made by code."""
