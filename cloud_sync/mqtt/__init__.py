"""MQTT 5: link, topics, payloads, receipts, commands."""
