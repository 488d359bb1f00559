-- A snapshot is written part by part beside the one that holds, and then takes its place. What was
-- there before is dropped: it is made again from the log.

DROP TABLE snapshot_part;
DROP TABLE snapshot;

CREATE TABLE snapshot (
    log        TEXT PRIMARY KEY,
    generation INTEGER NOT NULL, -- which parts hold; all others are leftovers
    size       INTEGER NOT NULL, -- the head at which the states stood
    leaf       BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_part (
    log        TEXT NOT NULL,
    generation INTEGER NOT NULL, -- a number drawn for each save
    place      INTEGER NOT NULL, -- the view's place among the views
    part       INTEGER NOT NULL, -- large states are cut
    view       TEXT NOT NULL,
    bytes      BLOB NOT NULL,
    UNIQUE (log, generation, place, part)
) STRICT;
