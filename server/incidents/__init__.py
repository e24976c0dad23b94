"""Incidents: alarms of one cause as one thing, with one ticket; and emergencies that a person declares."""
