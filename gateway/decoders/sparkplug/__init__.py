"""Sparkplug B 3.0 as a host application: births, data by alias, deaths, rebirth requests, host state.

``payload`` knows the bytes, ``metric`` one value, ``sequence`` the message numbers, ``edge_node``
what one node has announced, ``decoder`` the topics, ``host_state`` tells the nodes that we are there.
"""
