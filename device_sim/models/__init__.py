"""Physical models of machines: pure, seeded, without input or output."""
