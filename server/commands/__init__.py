"""The console script ``plantroom``: one file a command; ``up`` starts and looks after everything on one machine."""
