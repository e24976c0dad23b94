"""How equipment comes in: the inbox of unknown devices, import and export, and each device's credential."""
