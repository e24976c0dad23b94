"""From MQTT to readings: decode, resolve, calibrate, check, dedupe, then store and publish."""
