-- The log and its guards. An append is one INSERT; one trigger per statement decides whether the
-- batch continues its log. No other way to change anything exists for the program's role, and the
-- triggers are ENABLE ALWAYS, so that not even a superuser or a replica's mode slips past by accident.

CREATE TABLE daybook.event (
    log  text COLLATE "C" NOT NULL,
    seq  bigint NOT NULL,
    at   timestamptz NOT NULL,
    type text COLLATE "C" NOT NULL,
    leaf bytea NOT NULL,
    line bytea NOT NULL,
    PRIMARY KEY (log, seq)
);
-- Lines are hardly worth compressing one by one, and the attempt would cost time in every append.
ALTER TABLE daybook.event ALTER COLUMN line SET STORAGE EXTERNAL;

COMMENT ON TABLE daybook.event IS 'The log: every event once, in order, for good. Only ever appended to.';
COMMENT ON COLUMN daybook.event.log IS 'The log''s name: the slug of its instance.';
COMMENT ON COLUMN daybook.event.seq IS 'Position in the log, from 0 without gaps.';
COMMENT ON COLUMN daybook.event.at IS 'When it was recorded. Derived from line.';
COMMENT ON COLUMN daybook.event.type IS 'Kind of fact. Derived from line.';
COMMENT ON COLUMN daybook.event.leaf IS 'SHA-256(0x00 || line), written as prev in the next line.';
COMMENT ON COLUMN daybook.event.line IS 'The canonical line without its line feed: the only truth in this table.';

-- One row per log, rewritten by every append: room for new versions beside the old ones.
CREATE TABLE daybook.head (
    log  text COLLATE "C" PRIMARY KEY,
    size bigint NOT NULL,
    leaf bytea NOT NULL
) WITH (fillfactor = 10);

COMMENT ON TABLE daybook.head IS 'Where each log ends. Moved by the trigger on event and by nothing else.';
COMMENT ON COLUMN daybook.head.size IS 'Number of lines = the seq of the next one.';
COMMENT ON COLUMN daybook.head.leaf IS 'leaf of the last line.';

-- Everything in it is IMMUTABLE, so that the planner can write it out in place of a call.
CREATE FUNCTION daybook.continues(line bytea, type text, size bigint, leaf bytea) RETURNS boolean
LANGUAGE sql IMMUTABLE
AS $$
    SELECT substr(line, octet_length(line) - 90 - length(size::text) - length(type))
         = ('"prev":"' || encode(leaf, 'hex') || '","seq":' || size::text || ',"type":"' || type || '"}')::bytea
$$;
COMMENT ON FUNCTION daybook.continues IS 'Whether a line stands after that head: its canonical bytes end with prev, seq and type.';

-- Costs are per batch: the lines inside a batch were chained by the program that sealed them, and
-- are checked by everyone who verifies.
CREATE FUNCTION daybook.continue_log() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch record;
BEGIN
    SELECT s.one_log, s.lines, f.log, f.seq AS first, f.type AS first_type, f.line AS first_line,
           l.seq AS last, l.leaf AS last_leaf, l.line AS last_line
    INTO batch
    FROM (SELECT min(seq) AS first, max(seq) AS last, count(*) AS lines, min(log) = max(log) AS one_log
          FROM added) s
    JOIN added f ON f.seq = s.first
    JOIN added l ON l.seq = s.last;

    IF NOT FOUND THEN
        RETURN NULL; -- an INSERT of no rows
    END IF;
    IF NOT batch.one_log OR batch.last - batch.first + 1 <> batch.lines
       OR batch.last_leaf <> sha256('\x00'::bytea || batch.last_line) THEN
        RAISE EXCEPTION 'the batch for log % is no chain', batch.log USING ERRCODE = 'DB001';
    END IF;

    -- The row's lock is held until the commit: of two appends on one head one waits here, and then
    -- finds that the head has moved.
    UPDATE daybook.head SET size = batch.last + 1, leaf = batch.last_leaf
    WHERE log = batch.log AND size = batch.first
      AND daybook.continues(batch.first_line, batch.first_type, size, leaf);
    IF FOUND THEN
        RETURN NULL;
    END IF;

    -- A new log. Of two first appends one waits at the primary key of event already.
    INSERT INTO daybook.head (log, size, leaf)
    SELECT batch.log, batch.last + 1, batch.last_leaf
    WHERE batch.first = 0
      AND daybook.continues(batch.first_line, batch.first_type, 0, decode(repeat('00', 32), 'hex'))
    ON CONFLICT (log) DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'line % does not continue log %', batch.first, batch.log USING ERRCODE = 'DB001';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION daybook.refuse() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of daybook.% is refused: the log is only ever appended to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'DB002';
END
$$;

CREATE TRIGGER continues AFTER INSERT ON daybook.event
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION daybook.continue_log();
CREATE TRIGGER keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON daybook.event
    FOR EACH STATEMENT EXECUTE FUNCTION daybook.refuse();
CREATE TRIGGER keeps BEFORE DELETE OR TRUNCATE ON daybook.head
    FOR EACH STATEMENT EXECUTE FUNCTION daybook.refuse();
CREATE TRIGGER goes_forward BEFORE UPDATE ON daybook.head
    FOR EACH ROW WHEN (NEW.size <= OLD.size OR NEW.log <> OLD.log) EXECUTE FUNCTION daybook.refuse();

ALTER TABLE daybook.event ENABLE ALWAYS TRIGGER continues;
ALTER TABLE daybook.event ENABLE ALWAYS TRIGGER keeps;
ALTER TABLE daybook.head ENABLE ALWAYS TRIGGER keeps;
ALTER TABLE daybook.head ENABLE ALWAYS TRIGGER goes_forward;

REVOKE ALL ON FUNCTION daybook.continue_log() FROM PUBLIC;
GRANT USAGE ON SCHEMA daybook TO daybook_writer;
GRANT SELECT ON daybook._sqlx_migrations TO daybook_writer;
GRANT SELECT, INSERT ON daybook.event TO daybook_writer;
GRANT SELECT ON daybook.head TO daybook_writer;
