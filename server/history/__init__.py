"""What was measured: series of one point for charts, read from the store."""
