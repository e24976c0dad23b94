"""What a phone is told: all that a shift without signal needs, and what is recorded about its person."""
