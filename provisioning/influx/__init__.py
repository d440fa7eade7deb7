"""InfluxDB at the centre: databases or buckets, retention, down-sampling, and a secret for each gateway."""
