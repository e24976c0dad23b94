"""Foreign JSON by configuration: one YAML file a family of devices (docs/guides/add-a-device-family.md).

``family`` reads a file, ``compiled`` turns it into closures, ``decoder`` runs them on messages.
"""
