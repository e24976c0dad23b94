"""The tests, by capability; ``support`` holds what they share."""
