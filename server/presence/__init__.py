"""Which devices speak, which said good-bye, and which went silent without a word."""
