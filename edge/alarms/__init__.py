"""Alarms: raised with a delay, cleared with a hysteresis, acknowledged by a person."""
