-- Batches whose results are owed to where their file was fetched from.
CREATE TABLE delivery (
    batch     TEXT   NOT NULL PRIMARY KEY,
    delivered BIGINT NOT NULL DEFAULT 0 -- the batch's finished_at when its results were put there
) ${clustered};
