"""What runs: buses, pipeline, store, forwarders, commands, health."""
