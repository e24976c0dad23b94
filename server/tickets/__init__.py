"""Tickets: jobs with an owner and deadlines, which close when the sensor agrees."""
