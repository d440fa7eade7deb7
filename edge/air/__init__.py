"""Air and environment: quality control, means, indices, limits."""
