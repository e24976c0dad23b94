"""Who may do what: users, sessions, API tokens, one-time login links, access to routes."""
