"""Rules: conditions on readings, their delays, and the alarms and tickets that follow from them."""
