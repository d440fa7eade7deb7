"""InfluxDB: line protocol, what a reply means, the writer."""
