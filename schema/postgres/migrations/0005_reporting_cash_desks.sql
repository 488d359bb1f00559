-- The books with cash desks: reversals, redeemed tickets, sessions. Columns are only added, so that
-- what people wrote over the older views goes on.

-- A redeemed ticket's code stands in the line of its sale.
CREATE OR REPLACE VIEW reporting.events AS
SELECT e.log, e.seq, e.at, e.type, j.line ->> 'by' AS by, j.line ->> 'cmd' AS cmd,
       CASE WHEN e.type = 'preorder.placed' THEN
           (SELECT jsonb_set(j.line -> 'data', '{positions}', coalesce(jsonb_agg(p - 'secret'), '[]'))
            FROM jsonb_array_elements(j.line #> '{data,positions}') p)
       WHEN e.type IN ('sale.recorded', 'sale.reversed')
            AND jsonb_path_exists(j.line, '$.data.lines[*].ticket') THEN
           (SELECT jsonb_set(j.line -> 'data', '{lines}', jsonb_agg(l.line #- '{ticket,secret}' ORDER BY l.n))
            FROM jsonb_array_elements(j.line #> '{data,lines}') WITH ORDINALITY AS l (line, n))
       ELSE (j.line -> 'data') - '{hash,badge_hash,password_hash,token_hash}'::text[] END AS data
FROM daybook.event e
CROSS JOIN LATERAL (SELECT reporting.json(e.line) AS line OFFSET 0) j;

-- The number of a sale is that of its first record. Parts of a sale follow one another in the log.
CREATE FUNCTION reporting.sale_id(log text, seq bigint, data jsonb) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN data -> 'part' = '1' THEN (data #>> '{tx,0,ID}')::bigint
                ELSE (SELECT (first.data #>> '{tx,0,ID}')::bigint FROM reporting.events first
                      WHERE first.log = sale_id.log
                        AND first.seq = sale_id.seq - (sale_id.data ->> 'part')::bigint + 1)
           END
$$;
COMMENT ON FUNCTION reporting.sale_id IS 'The number under which cash desks know the sale of an event.';

CREATE OR REPLACE VIEW reporting.transactions AS
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
       x.tx ->> 'Note' AS note, x.tx ->> 'hash' AS hash, e.seq, e.cmd,
       e.data ->> 'door' AS door, reporting.sale_id(e.log, e.seq, e.data) AS sale_id,
       (e.data ->> 'session')::bigint AS session_id,
       (x.line #>> '{reverses,id}')::bigint AS reverses,
       CASE e.type WHEN 'sale.reversed' THEN -1 ELSE 1 END * (x.tx ->> 'AmountProduct')::bigint AS net_pieces,
       (x.line ->> 'authorized_by')::bigint AS authorized_by,
       (x.line ->> 'list_entry')::bigint AS list_entry_id,
       (x.line #>> '{ticket,preorder}')::bigint AS preorder_id,
       (x.line #>> '{ticket,position}')::bigint AS preorder_position_id,
       x.line -> 'items' AS items
FROM reporting.events e
CROSS JOIN LATERAL ROWS FROM (jsonb_array_elements(e.data -> 'tx'),
                              jsonb_array_elements(e.data -> 'lines')) AS x (tx, line)
WHERE e.type IN ('sale.recorded', 'sale.reversed');
COMMENT ON COLUMN reporting.transactions.pieces IS 'As the public record says: positive, also where they were taken back.';
COMMENT ON COLUMN reporting.transactions.net_pieces IS 'Negative where they were taken back: sums up to what is sold.';
COMMENT ON COLUMN reporting.transactions.reverses IS 'The transaction that this one takes back.';
COMMENT ON COLUMN reporting.transactions.preorder_position_id IS 'The ticket that was redeemed, or freed again; such pieces use no quota.';

CREATE OR REPLACE VIEW reporting.sales AS
SELECT e.log, e.seq, e.at, e.by, e.cmd, e.data ->> 'door' AS door,
       (e.data #>> '{point_of_sale,id}')::bigint AS point_of_sale_id,
       e.data #>> '{point_of_sale,name}' AS point_of_sale,
       (e.data #>> '{payment,id}')::bigint AS payment_method_id,
       e.data #>> '{payment,name}' AS payment_method, e.data #>> '{payment,kind}' AS payment_kind,
       reporting.amount(e.data #> '{totals,gross}', e.data ->> 'currency') AS gross,
       reporting.amount(t.net, e.data ->> 'currency') AS net,
       reporting.amount(t.tax, e.data ->> 'currency') AS tax,
       e.data ->> 'currency' AS currency,
       reporting.sale_id(e.log, e.seq, e.data) AS id,
       (e.data ->> 'session')::bigint AS session_id,
       reporting.amount(e.data -> 'cash_given', e.data ->> 'currency') AS cash_given,
       e.type = 'sale.reversed' AS is_reversal
FROM reporting.events e
CROSS JOIN LATERAL (
    SELECT to_jsonb(sum((share ->> 'net')::numeric)) AS net, to_jsonb(sum((share ->> 'tax')::numeric)) AS tax
    FROM jsonb_array_elements(e.data #> '{totals,taxes}') share
) t
WHERE e.type IN ('sale.recorded', 'sale.reversed') AND e.data ? 'totals';
COMMENT ON VIEW reporting.sales IS 'One row per sale or reversal with its totals; those of a reversal are negative.';
COMMENT ON COLUMN reporting.sales.id IS 'The number of its first transaction, under which cash desks know it.';

CREATE OR REPLACE VIEW reporting.products AS
SELECT p.log, (p.data ->> 'id')::bigint AS id, p.data ->> 'name' AS name,
       p.data ->> 'receipt_name' AS receipt_name,
       reporting.amount(p.data -> 'price', i.currency) AS price, i.currency,
       round((p.data ->> 'tax_rate')::numeric / 100, 2) AS tax_percent,
       (p.data ->> 'visible')::boolean AS visible, (p.data ->> 'deposit')::boolean AS has_deposit,
       p.data -> 'points_of_sale' AS points_of_sale, p.seq AS changed_by_seq, p.at AS changed_at,
       (p.data ->> 'requires_authorization')::boolean AS requires_authorization,
       (p.data ->> 'needs_receipt')::boolean AS needs_receipt, p.data -> 'pack' AS pack
FROM (
    SELECT DISTINCT ON (log, data -> 'id') * FROM reporting.events
    WHERE type IN ('catalogue.product_defined', 'catalogue.product_withdrawn')
    ORDER BY log, data -> 'id', seq DESC
) p
LEFT JOIN reporting.instances i USING (log)
WHERE p.type = 'catalogue.product_defined';

CREATE VIEW reporting.cash_desks AS
SELECT d.log, (d.data ->> 'id')::bigint AS id, d.data ->> 'name' AS name,
       NOT coalesce((d.data ->> 'inactive')::boolean, false) AS active,
       (d.data ->> 'point_of_sale')::bigint AS point_of_sale_id,
       d.data ->> 'ip_address' AS ip_address, d.seq AS changed_by_seq, d.at AS changed_at
FROM (
    SELECT DISTINCT ON (log, data -> 'id') * FROM reporting.events
    WHERE type IN ('catalogue.cash_desk_defined', 'catalogue.cash_desk_withdrawn')
    ORDER BY log, data -> 'id', seq DESC
) d
WHERE d.type = 'catalogue.cash_desk_defined';
COMMENT ON VIEW reporting.cash_desks IS 'Cash desks as they are now.';

-- What should be in the drawer: what was there before, and what sales and reversals made of it.
CREATE VIEW reporting.sessions AS
SELECT s.log, (s.data ->> 'id')::bigint AS id, (s.data ->> 'cash_desk')::bigint AS cash_desk_id,
       (s.data ->> 'user')::bigint AS user_id, s.at AS opened_at,
       coalesce((s.data ->> 'starts')::timestamptz, s.at) AS starts_at, c.at AS closed_at,
       reporting.amount(s.data -> 'cash_before', i.currency) AS cash_before,
       coalesce(t.turnover, 0) AS turnover, coalesce(t.cash, 0) AS cash_turnover,
       reporting.amount(c.data -> 'cash_after', i.currency) AS cash_after, i.currency
FROM reporting.events s
LEFT JOIN reporting.instances i USING (log)
LEFT JOIN reporting.events c
       ON c.type = 'session.closed' AND c.log = s.log AND c.data -> 'id' = s.data -> 'id'
LEFT JOIN (
    SELECT log, session_id, sum(gross) AS turnover, sum(gross) FILTER (WHERE payment_kind = 'cash') AS cash
    FROM reporting.sales WHERE session_id IS NOT NULL GROUP BY log, session_id
) t ON t.log = s.log AND t.session_id = (s.data ->> 'id')::bigint
WHERE s.type = 'session.opened';
COMMENT ON VIEW reporting.sessions IS 'Each session at a cash desk, with what was sold in it less what was taken back.';

GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO daybook_reader;
