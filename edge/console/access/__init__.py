"""Who may do what by HTTP: users, sessions, permissions, and the certificate under which they come in."""
