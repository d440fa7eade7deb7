"""The fleet: configurations made from one inventory, sent signed, tried, and taken back where they fail."""
