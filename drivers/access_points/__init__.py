"""Wi-Fi access points: their state and load, and nothing of those who use them."""
