"""How a gateway gets its identity, keeps it and gives it back: tokens, the service at the centre, renewal."""
