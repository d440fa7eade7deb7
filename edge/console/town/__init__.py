"""What pages see of a gateway or of the whole town, and how they act on it."""
