"""What Plantroom can do on this machine, measured."""
