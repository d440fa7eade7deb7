-- What tourist Wi-Fi keeps: sessions, usage, and who was seen today, each kind with a number of its own
-- (edge/wifi/kept.py). at, place and key are the kind's own; crc covers the row.
CREATE TABLE IF NOT EXISTS usage (
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    place TEXT NOT NULL,
    key INTEGER NOT NULL,
    body BLOB NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (kind, at, place, key)
) WITHOUT ROWID;
