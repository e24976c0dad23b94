"""The ways out, one file each. ``registry`` knows them by name; nothing else names one."""
