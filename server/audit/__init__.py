"""Who did what, when: an append-only chain in which each row carries the hash of the one before."""
