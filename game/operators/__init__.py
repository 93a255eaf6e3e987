"""Scripted operators, who see through Eyes and act through controls."""
