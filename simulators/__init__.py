"""A simulated town on real protocols."""
