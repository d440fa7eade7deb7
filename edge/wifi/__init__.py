"""Tourist Wi-Fi: sessions, usage and privacy."""
