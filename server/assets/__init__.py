"""Where things are and what they are: the tree of spaces, assets, devices, points; profiles as data."""
