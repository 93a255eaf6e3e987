"""What is felt: tissue resistance, the trocar in its tract, the Stylus interface, safety. Frame: patient, mm; forces N."""
