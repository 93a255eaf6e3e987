"""Soft anatomy round a spine, as Regions of a Patient. The door is build.py; each other module makes one group."""
