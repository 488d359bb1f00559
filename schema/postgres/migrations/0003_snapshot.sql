-- What may vanish at any time: states of views, made again from the log when they are missing.

CREATE TABLE daybook.snapshot (
    log  text COLLATE "C" PRIMARY KEY,
    size bigint NOT NULL,
    leaf bytea NOT NULL
);
COMMENT ON TABLE daybook.snapshot IS 'The head at which a log''s saved views stood.';

CREATE TABLE daybook.snapshot_part (
    log   text COLLATE "C" NOT NULL,
    place int NOT NULL,
    part  int NOT NULL,
    view  text NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (log, place, part)
);
ALTER TABLE daybook.snapshot_part ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE daybook.snapshot_part IS 'States of views, in their own encoding, cut into parts.';
COMMENT ON COLUMN daybook.snapshot_part.place IS 'The view''s place among the views.';

CREATE TABLE daybook.secret (
    id    int PRIMARY KEY CHECK (id = 1),
    bytes bytea NOT NULL CHECK (octet_length(bytes) = 32)
);
COMMENT ON TABLE daybook.secret IS 'The installation''s secret, made once. It keys the hashes of stored secrets and is in no line.';

GRANT SELECT, INSERT, UPDATE, DELETE ON daybook.snapshot, daybook.snapshot_part TO daybook_writer;
GRANT SELECT, INSERT ON daybook.secret TO daybook_writer;
