"""Devices that announce themselves the way Home Assistant's MQTT discovery has it.

``announcement`` reads a config message, ``value_template`` the simple templates in it, ``decoder``
keeps what was announced and reads the state topics.
"""
