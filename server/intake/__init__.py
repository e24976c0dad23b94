"""What processes tell about themselves: dead letters, health of gateways, heartbeats."""
