"""The centre: MQTT and InfluxDB."""
