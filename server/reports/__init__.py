"""Reports of rounds: one round as a document, and how well rounds are walked, month by month."""
