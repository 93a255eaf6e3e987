"""What happens: simulation, procedure, pictures, records, operators, front ends. Layers: pyproject.toml, import-linter."""
