"""The town's own certificate authority: an offline root, an issuing authority, and what it has signed."""
