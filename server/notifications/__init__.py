"""Telling people: who is told what, by which way, how often, and what became of each message."""
