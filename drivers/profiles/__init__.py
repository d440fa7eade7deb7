"""One file per device model; its name is the id."""
