"""What tests of all capabilities share: real servers on free ports, and waiting without sleeping."""
