"""How the installation itself is doing: readiness of what it depends on, and metrics."""
