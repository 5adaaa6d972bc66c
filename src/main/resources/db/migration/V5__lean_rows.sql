-- Each row cost entries in two indexes that hardly anybody reads, and each outcome, which leaves a partial index, a new one.

-- In place of an index of the rows in flight: a node lists its own with each transaction, as "first last batch", a line for a
-- batch. Rows outside that are not SENDING; those inside need not be.
ALTER TABLE node ADD COLUMN claims TEXT NOT NULL DEFAULT '';
UPDATE node SET claims = coalesce((
    SELECT string_agg(c.lowest || ' ' || c.highest || ' ' || replace(replace(c.batch, '\', '\\'), '
', '\n'), '
')
    FROM (SELECT batch, min(line) AS lowest, max(line) AS highest FROM refund
          WHERE refund.state = 'SENDING' AND refund.node = node.name GROUP BY batch) c), '');
DROP INDEX refund_sending;
-- A version that does not list its claims must make none any more: it no longer finds this column.
ALTER TABLE node RENAME COLUMN heartbeat TO alive_at;

-- In place of an index of all rows by their pair: the pair itself, and those of its rows that came when it was there.
ALTER TABLE pair ADD COLUMN first_batch TEXT; -- the row that the pair came with, where another holds it now
ALTER TABLE pair ADD COLUMN first_line BIGINT;
ALTER TABLE refund ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0; -- 1: the ledger had a row of this pair
UPDATE refund SET repeats = 1 WHERE referenceid <> '' AND NOT EXISTS (
    SELECT 1 FROM pair p WHERE p.operation = 'RefundOTP'
    AND p.referenceid = coalesce(nullif(ltrim(refund.referenceid, '0'), ''), '0')
    AND p.ackno = coalesce(nullif(ltrim(refund.ackno, '0'), ''), '0')
    AND p.batch = refund.batch AND p.line = refund.line);
DROP INDEX refund_history;
CREATE INDEX refund_repeats ON refund (ltrim(referenceid, '0'), ltrim(ackno, '0')) WHERE repeats = 1;
