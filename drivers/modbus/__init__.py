"""Modbus: planning, decoding, and the one link to the wire."""
