"""What people plan, and what about it cannot work."""
