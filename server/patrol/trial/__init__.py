"""A simulated month of rounds with known truth: are attacks flagged, honest scans left alone, late and missed right?"""
