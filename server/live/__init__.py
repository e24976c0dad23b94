"""The newest value of each point, pushed to browsers as it changes."""
