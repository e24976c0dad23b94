"""What supervisors see, and what they decide."""
