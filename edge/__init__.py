"""The Gianh gateway: core words, configuration, runtime, rules and console."""
