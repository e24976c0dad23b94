"""One file a family of conditions: what people write (a model) and what judges it (a leaf)."""
