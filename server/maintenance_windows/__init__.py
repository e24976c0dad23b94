"""Planned silence: maintenance windows on a node of the tree, and assets taken out of service."""
