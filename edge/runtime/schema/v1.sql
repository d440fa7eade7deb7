-- Two journals with the same columns. seq is given by the one writer, in order, without gaps but those in
-- table hole; crc covers the whole row, seq included.
CREATE TABLE sample (
    seq INTEGER PRIMARY KEY,
    at_ns INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
);
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    at_ns INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
);
-- Rows taken before the clock was set in their boot: they wait here for their true time.
CREATE TABLE undated (
    id INTEGER PRIMARY KEY,
    boot TEXT NOT NULL,
    stream TEXT NOT NULL,
    mono_ns INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
);
-- Names, measurement and tags of samples, once for all samples that share them.
CREATE TABLE layout (id INTEGER PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL);
-- Every row of the stream up to done is settled with the target.
CREATE TABLE mark (
    target TEXT NOT NULL,
    stream TEXT NOT NULL,
    done INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (target, stream)
) WITHOUT ROWID;
-- Numbers that were given out but whose rows never reached the disk.
CREATE TABLE hole (
    stream TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (stream, first)
) WITHOUT ROWID;
-- Rows that a target refused for ever, with the target's words; retry: they are owed once more.
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL,
    stream TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at_ns INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    body TEXT NOT NULL,
    line TEXT NOT NULL,
    reason TEXT NOT NULL,
    retry INTEGER NOT NULL,
    UNIQUE (target, stream, seq)
);
CREATE TABLE memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- Commands that were claimed; body is the outcome, empty while none is known.
CREATE TABLE command (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
