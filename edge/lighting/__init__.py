"""Street lighting: plans, who wins, the guard, and the task that keeps lamps as they should be."""
