"""`gianh doctor`: what is wrong with this gateway's surroundings, and what to do. Each check is bounded."""
