"""The town's broker: a Mosquitto that asks everybody for a certificate and lets each reach what is theirs."""
