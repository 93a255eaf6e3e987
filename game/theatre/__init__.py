"""The room as it looks: patient, table, C-arm, monitors and trocar, drawn by shaders of our own. Metres, Z up."""
