"""Reads meters and drives that speak Modbus and publishes what they say as any MQTT device would.

The broker stays the one path: a poller is a device, it has no way of its own into the gateway.
``registers`` knows the bits, ``register_map`` and ``config`` the files, ``blocks`` plans requests,
``connection`` speaks Modbus, ``device`` and ``line`` poll, ``outbox`` publishes.
"""
