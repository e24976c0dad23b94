"""Conditions that are learned from a stated normal period: pure, causal, and able to say why."""
