"""Shared vocabulary of every process: readings, topics, messages on the bus, and the store's contract.

Imports nothing else of ours.
"""
