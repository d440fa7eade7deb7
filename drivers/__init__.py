"""Devices: profiles as data, and the protocols that read them."""
