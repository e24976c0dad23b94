"""The server: one folder a capability, and the rules process. Floors are kept by import-linter."""
