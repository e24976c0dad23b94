"""What there is to visit: checkpoints, the tags that mark them, floor plans, and what a site decided about its rounds."""
