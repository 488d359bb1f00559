-- Views for people with SQL. They read the lines as they are: always current, nothing stored, no
-- hashes of secrets and no ticket codes. GRANT daybook_reader to whoever may look.

CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS 'Daybook for people with SQL: views over the log.';

-- jsonb cannot hold U+0000, which a text in a line may; it is shown as U+FFFD. An even number of
-- backslashes before it means that it is no escape.
CREATE FUNCTION reporting.json(line bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN position('\\u0000'::bytea IN line) = 0 THEN convert_from(line, 'UTF8')
                ELSE regexp_replace(convert_from(line, 'UTF8'), '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')
           END::jsonb
$$;

CREATE FUNCTION reporting.amount(minor_units jsonb, currency text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE
        WHEN currency = ANY ('{BIF,CLP,DJF,GNF,ISK,JPY,KMF,KRW,PYG,RWF,UGX,UYI,VND,VUV,XAF,XOF,XPF}')
            THEN minor_units::numeric
        WHEN currency = ANY ('{BHD,IQD,JOD,KWD,LYD,OMR,TND}') THEN round(minor_units::numeric / 1000, 3)
        WHEN currency = ANY ('{CLF,UYW}') THEN round(minor_units::numeric / 10000, 4)
        ELSE round(minor_units::numeric / 100, 2)
    END
$$;
COMMENT ON FUNCTION reporting.amount IS 'Minor units of a currency as an amount.';

-- OFFSET 0 keeps the line from being parsed once per column.
CREATE VIEW reporting.events AS
SELECT e.log, e.seq, e.at, e.type, j.line ->> 'by' AS by, j.line ->> 'cmd' AS cmd,
       CASE WHEN e.type = 'preorder.placed' THEN
           (SELECT jsonb_set(j.line -> 'data', '{positions}', coalesce(jsonb_agg(p - 'secret'), '[]'))
            FROM jsonb_array_elements(j.line #> '{data,positions}') p)
       ELSE (j.line -> 'data') - '{hash,badge_hash,password_hash,token_hash}'::text[] END AS data
FROM daybook.event e
CROSS JOIN LATERAL (SELECT reporting.json(e.line) AS line OFFSET 0) j;
COMMENT ON VIEW reporting.events IS 'Every event. Filter by log and seq, which are indexed.';

CREATE VIEW reporting.instances AS
SELECT DISTINCT ON (log) log, data ->> 'name' AS name, data ->> 'currency' AS currency,
       data ->> 'time_zone' AS time_zone, data ->> 'address' AS address
FROM reporting.events WHERE type = 'instance.described'
ORDER BY log, seq DESC;
COMMENT ON VIEW reporting.instances IS 'Each venue as last described.';

CREATE VIEW reporting.transactions AS
SELECT e.log, (x.tx ->> 'ID')::bigint AS id, (x.tx ->> 'timestamp')::timestamptz AS "timestamp",
       (x.tx ->> 'PointOfSaleID')::bigint AS point_of_sale_id,
       e.data #>> '{point_of_sale,name}' AS point_of_sale,
       (x.tx ->> 'Product_ID')::bigint AS product_id, x.line ->> 'name' AS product,
       (x.tx ->> 'AmountProduct')::bigint AS pieces,
       (x.tx ->> 'AmountMoney')::numeric AS amount, e.data ->> 'currency' AS currency,
       round((x.line ->> 'tax_rate')::numeric / 100, 2) AS tax_percent,
       (x.line ->> 'deposit')::boolean AS is_deposit,
       (x.tx ->> 'Payment_ID')::bigint AS payment_method_id,
       e.data #>> '{payment,name}' AS payment_method, e.data #>> '{payment,kind}' AS payment_kind,
       x.tx ->> 'Note' AS note, x.tx ->> 'hash' AS hash, e.seq, e.cmd
FROM reporting.events e
CROSS JOIN LATERAL ROWS FROM (jsonb_array_elements(e.data -> 'tx'),
                              jsonb_array_elements(e.data -> 'lines')) AS x (tx, line)
WHERE e.type = 'sale.recorded';
COMMENT ON VIEW reporting.transactions IS 'One row per public transaction, with its public hash.';

-- A large sale has several parts; the last one carries the totals of all.
CREATE VIEW reporting.sales AS
SELECT e.log, e.seq, e.at, e.by, e.cmd, e.data ->> 'door' AS door,
       (e.data #>> '{point_of_sale,id}')::bigint AS point_of_sale_id,
       e.data #>> '{point_of_sale,name}' AS point_of_sale,
       (e.data #>> '{payment,id}')::bigint AS payment_method_id,
       e.data #>> '{payment,name}' AS payment_method, e.data #>> '{payment,kind}' AS payment_kind,
       reporting.amount(e.data #> '{totals,gross}', e.data ->> 'currency') AS gross,
       reporting.amount(t.net, e.data ->> 'currency') AS net,
       reporting.amount(t.tax, e.data ->> 'currency') AS tax,
       e.data ->> 'currency' AS currency
FROM reporting.events e
CROSS JOIN LATERAL (
    SELECT to_jsonb(sum((share ->> 'net')::numeric)) AS net, to_jsonb(sum((share ->> 'tax')::numeric)) AS tax
    FROM jsonb_array_elements(e.data #> '{totals,taxes}') share
) t
WHERE e.type = 'sale.recorded' AND e.data ? 'totals';
COMMENT ON VIEW reporting.sales IS 'One row per sale with its totals.';

CREATE VIEW reporting.products AS
SELECT p.log, (p.data ->> 'id')::bigint AS id, p.data ->> 'name' AS name,
       p.data ->> 'receipt_name' AS receipt_name,
       reporting.amount(p.data -> 'price', i.currency) AS price, i.currency,
       round((p.data ->> 'tax_rate')::numeric / 100, 2) AS tax_percent,
       (p.data ->> 'visible')::boolean AS visible, (p.data ->> 'deposit')::boolean AS has_deposit,
       p.data -> 'points_of_sale' AS points_of_sale, p.seq AS changed_by_seq, p.at AS changed_at
FROM (
    SELECT DISTINCT ON (log, data -> 'id') * FROM reporting.events
    WHERE type IN ('catalogue.product_defined', 'catalogue.product_withdrawn')
    ORDER BY log, data -> 'id', seq DESC
) p
LEFT JOIN reporting.instances i USING (log)
WHERE p.type = 'catalogue.product_defined';
COMMENT ON VIEW reporting.products IS 'Products as they are now.';

CREATE VIEW reporting.payment_methods AS
SELECT p.log, (p.data ->> 'id')::bigint AS id, p.data ->> 'name' AS name, p.data ->> 'kind' AS kind,
       p.data -> 'points_of_sale' AS points_of_sale, p.seq AS changed_by_seq, p.at AS changed_at
FROM (
    SELECT DISTINCT ON (log, data -> 'id') * FROM reporting.events
    WHERE type IN ('catalogue.payment_method_defined', 'catalogue.payment_method_withdrawn')
    ORDER BY log, data -> 'id', seq DESC
) p
WHERE p.type = 'catalogue.payment_method_defined';
COMMENT ON VIEW reporting.payment_methods IS 'Payment methods as they are now.';

CREATE VIEW reporting.points_of_sale AS
SELECT p.log, (p.data ->> 'id')::bigint AS id, p.data ->> 'name' AS name,
       (p.data ->> 'enabled')::boolean AS enabled, (p.data ->> 'admin')::boolean AS is_admin,
       (p.data ->> 'special')::boolean AS is_special, p.seq AS changed_by_seq, p.at AS changed_at
FROM (
    SELECT DISTINCT ON (log, data -> 'id') * FROM reporting.events
    WHERE type IN ('catalogue.point_of_sale_defined', 'catalogue.point_of_sale_withdrawn')
    ORDER BY log, data -> 'id', seq DESC
) p
WHERE p.type = 'catalogue.point_of_sale_defined';
COMMENT ON VIEW reporting.points_of_sale IS 'Points of sale as they are now.';

GRANT USAGE ON SCHEMA reporting TO daybook_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO daybook_reader;
