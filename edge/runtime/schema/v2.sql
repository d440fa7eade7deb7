-- Means of stations: span in s, end in UTC ns. The layout has the points; amounts are their doubles and marks
-- their coverage and flags as 16 bits each (edge/core/air_columns.py), little-endian; crc covers the row.
-- All stations' newest rows lie side by side, so that a minute costs the card one page and not one a station.
CREATE TABLE IF NOT EXISTS mean (
    span INTEGER NOT NULL,
    end_ns INTEGER NOT NULL,
    station TEXT NOT NULL,
    layout INTEGER NOT NULL,
    amounts BLOB NOT NULL,
    marks BLOB NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (span, end_ns, station)
) WITHOUT ROWID;
