-- What may vanish at any time: states of views, made again from the log when they are missing.

CREATE TABLE snapshot (
    log  TEXT PRIMARY KEY,
    size INTEGER NOT NULL, -- the head at which the states stood
    leaf BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_part (
    log   TEXT NOT NULL,
    place INTEGER NOT NULL, -- the view's place among the views
    part  INTEGER NOT NULL, -- large states are cut
    view  TEXT NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (log, place, part)
) STRICT;

-- The installation's secret, made once. It keys the hashes of stored secrets and is in no line.
CREATE TABLE secret (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    bytes BLOB NOT NULL CHECK (length(bytes) = 32)
) STRICT;
