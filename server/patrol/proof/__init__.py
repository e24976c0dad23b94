"""What a phone sends, taken in and judged: how far a scan proves that its person was there."""
