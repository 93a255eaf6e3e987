"""Observes the simulation: measures what happened, finds steps and errors, scores. Scenarios live here too. Never draws."""
