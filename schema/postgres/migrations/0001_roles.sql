-- Roles belong to the whole cluster, so nodes of several databases may make them at the same time.
-- The program works as daybook_writer, which may add lines and nothing else; people who read
-- reports get daybook_reader.

DO $$
DECLARE
    wanted text;
    right_to_become text := CASE WHEN current_setting('server_version_num')::int >= 160000
                                 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['daybook_writer', 'daybook_reader'] LOOP
        IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database of this cluster was quicker
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the roles daybook_writer and daybook_reader do not exist and "%" may not create them: let a superuser run: CREATE ROLE daybook_writer NOLOGIN; CREATE ROLE daybook_reader NOLOGIN; GRANT daybook_writer TO "%" (or: ALTER ROLE "%" CREATEROLE)', current_user, current_user, current_user
                    USING ERRCODE = 'insufficient_privilege';
        END;
    END LOOP;

    FOR attempt IN 1..100 LOOP
        EXIT WHEN pg_has_role(current_user, 'daybook_writer', right_to_become);
        BEGIN
            GRANT daybook_writer TO CURRENT_USER;
        EXCEPTION
            -- "tuple concurrently updated": another database granted the same; look again.
            WHEN unique_violation OR internal_error THEN
                NULL;
            WHEN insufficient_privilege OR invalid_grant_operation THEN
                RAISE EXCEPTION '"%" may not become daybook_writer: let a superuser run: GRANT daybook_writer TO "%"', current_user, current_user
                    USING ERRCODE = 'insufficient_privilege';
        END;
    END LOOP;
END
$$;
