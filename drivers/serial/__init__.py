"""Sensors that speak their own frames on a serial line."""
