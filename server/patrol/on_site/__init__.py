"""What people note where they are: filled-in forms, gauges, findings, photos, notes for the next shift."""
