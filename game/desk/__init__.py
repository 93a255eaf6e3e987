"""The window: a person at mouse and keyboard performs the procedure."""
