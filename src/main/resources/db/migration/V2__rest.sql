-- The history of a pair: ids are compared without leading zeros, as BOS reads them.
CREATE INDEX refund_history ON refund (ltrim(referenceid, '0'), ltrim(ackno, '0')) WHERE referenceid <> '';

CREATE INDEX batch_started ON batch (started_at);
CREATE INDEX batch_file ON batch (file);

-- What a caller's Idempotency-Key stands for.
CREATE TABLE idempotency (
    caller     TEXT   NOT NULL,
    name       TEXT   NOT NULL, -- the key as the caller gave it
    request    TEXT   NOT NULL, -- SHA-256 of what was asked
    reference  TEXT   NOT NULL, -- the batch, or the file that becomes one
    created_at BIGINT NOT NULL,
    PRIMARY KEY (caller, name)
) ${clustered};
