-- On PostgreSQL alone. A row is changed twice, when it is taken and when it is settled: with room for the new versions on the page,
-- taking it writes no index.
ALTER TABLE refund SET (fillfactor = 50);
