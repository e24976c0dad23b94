"""Rounds and their proof: checkpoints, tags, routes, what phones sent, and how far it can be believed."""
