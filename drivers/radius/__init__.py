"""RADIUS accounting (RFC 2866, RFC 2869): packets and the listener."""
