"""The rounds of the demo site, and the guards who walk them."""
