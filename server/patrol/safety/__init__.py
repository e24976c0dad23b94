"""Calls for help, people who work alone, and areas that are walked while a fire zone is switched off."""
