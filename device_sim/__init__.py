"""Simulated machines that speak MQTT like real ones: elevators, pump sets, fire panels, energy meters."""
