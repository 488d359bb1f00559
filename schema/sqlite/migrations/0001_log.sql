-- The log and its guards. The triggers let nobody change what is written, however they came in.

CREATE TABLE event (
    log  TEXT NOT NULL,    -- the instance's slug
    seq  INTEGER NOT NULL, -- position in the log, from 0 without gaps
    at   INTEGER NOT NULL, -- when it was recorded, in microseconds since 1970; derived from line
    type TEXT NOT NULL,    -- kind of fact; derived from line
    leaf BLOB NOT NULL,    -- SHA-256(0x00 || line), written as `prev` in the next line
    line BLOB NOT NULL,    -- the canonical line without its line feed: the only truth in this table
    UNIQUE (log, seq)
) STRICT;

-- Where each log ends. Moved by the insert of a line and by nothing else.
CREATE TABLE head (
    log  TEXT PRIMARY KEY,
    size INTEGER NOT NULL, -- number of lines
    leaf BLOB NOT NULL     -- leaf of the last line
) STRICT, WITHOUT ROWID;

-- A canonical line ends with prev, seq and type, so the end of its bytes says where it belongs.
CREATE TRIGGER event_continues BEFORE INSERT ON event
BEGIN
    SELECT RAISE(ABORT, 'daybook: conflict: the line does not continue its log')
    FROM (
        SELECT coalesce(max(size), 0) AS size, coalesce(max(lower(hex(leaf))), lower(hex(zeroblob(32)))) AS leaf
        FROM head WHERE log = NEW.log
    )
    WHERE NEW.seq IS NOT size
       OR substr(NEW.line, -length(NEW.type) - length(leaf) - length(size) - 27)
          IS NOT CAST('"prev":"' || leaf || '","seq":' || size || ',"type":"' || NEW.type || '"}' AS BLOB);
END;

CREATE TRIGGER event_moves_head AFTER INSERT ON event
BEGIN
    INSERT INTO head (log, size, leaf) SELECT NEW.log, 1, NEW.leaf WHERE NEW.seq = 0;
    UPDATE head SET size = NEW.seq + 1, leaf = NEW.leaf WHERE log = NEW.log AND NEW.seq > 0;
END;

CREATE TRIGGER event_keeps_lines BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'daybook: lines of the log are never changed'); END;

CREATE TRIGGER event_keeps_all BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'daybook: lines of the log are never removed'); END;

CREATE TRIGGER head_follows_first BEFORE INSERT ON head
WHEN NEW.size <> 1 OR NOT EXISTS
    (SELECT 1 FROM event WHERE log = NEW.log AND seq = NEW.size - 1 AND leaf = NEW.leaf)
BEGIN SELECT RAISE(ABORT, 'daybook: the head follows the lines'); END;

CREATE TRIGGER head_follows BEFORE UPDATE ON head
WHEN NEW.log <> OLD.log OR NEW.size <> OLD.size + 1 OR NOT EXISTS
    (SELECT 1 FROM event WHERE log = NEW.log AND seq = NEW.size - 1 AND leaf = NEW.leaf)
BEGIN SELECT RAISE(ABORT, 'daybook: the head follows the lines'); END;

CREATE TRIGGER head_keeps BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'daybook: the head is never removed'); END;
