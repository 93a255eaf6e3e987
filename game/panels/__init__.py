"""Pages and their one theme, for window and headset: start, figures, keys, step, debrief. DirectGUI."""
