"""Alarms: what the rules raised, who acknowledged it, and every change of its state."""
