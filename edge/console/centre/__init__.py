"""The console at the centre: the whole town, over MQTT alone."""
