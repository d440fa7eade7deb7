"""Grafana at the centre: what the boards are built from, the files it reads, and its HTTP API."""
