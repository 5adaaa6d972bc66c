-- One dialect for SQLite and PostgreSQL. Times are epoch milliseconds.
-- ${clustered} is WITHOUT ROWID on SQLite and nothing on PostgreSQL.

-- Each process start of a node is an epoch; an older epoch's open claims are in doubt.
CREATE TABLE node (
    name       TEXT   NOT NULL PRIMARY KEY,
    epoch      BIGINT NOT NULL,
    heartbeat  BIGINT NOT NULL
);

CREATE TABLE batch (
    id          TEXT    NOT NULL PRIMARY KEY,
    file        TEXT    NOT NULL,
    sha256      TEXT    NOT NULL,
    node        TEXT    NOT NULL,
    state       TEXT    NOT NULL, -- open, complete, refused
    reason      TEXT,
    again       INTEGER NOT NULL DEFAULT 0, -- 1: a person asked to send pairs that were already done
    row_count   BIGINT  NOT NULL,
    success     BIGINT  NOT NULL DEFAULT 0,
    error       BIGINT  NOT NULL DEFAULT 0,
    in_doubt    BIGINT  NOT NULL DEFAULT 0,
    duplicate   BIGINT  NOT NULL DEFAULT 0,
    rejected    BIGINT  NOT NULL DEFAULT 0,
    started_at  BIGINT  NOT NULL,
    finished_at BIGINT
);
CREATE INDEX batch_open ON batch (node) WHERE state = 'open';
CREATE INDEX batch_content ON batch (sha256);

-- One row per line of a batch, or per message that came alone.
CREATE TABLE refund (
    batch         TEXT    NOT NULL,
    line          BIGINT  NOT NULL,
    referenceid   TEXT    NOT NULL,
    ackno         TEXT    NOT NULL,
    state         TEXT    NOT NULL, -- OPEN, SENDING, or an outcome
    node          TEXT    NOT NULL,
    epoch         BIGINT  NOT NULL,
    sends         INTEGER NOT NULL, -- claims that a doubt or a person made necessary, the first included
    attempts      INTEGER NOT NULL DEFAULT 0, -- POSTs
    claimed_at    BIGINT  NOT NULL,
    answered_at   BIGINT,
    response_code TEXT,
    http_status   INTEGER,
    message       TEXT,
    answer        TEXT, -- what BOS said, capped, for the outcomes other than SUCCESS
    PRIMARY KEY (batch, line)
) ${clustered};
CREATE INDEX refund_sending ON refund (node, epoch) WHERE state = 'SENDING';

-- The row that holds a pair. Whether the pair is free again is told by that row.
CREATE TABLE pair (
    operation   TEXT   NOT NULL,
    referenceid TEXT   NOT NULL,
    ackno       TEXT   NOT NULL,
    batch       TEXT   NOT NULL,
    line        BIGINT NOT NULL,
    PRIMARY KEY (operation, referenceid, ackno)
) ${clustered};

-- A person's word that rows in doubt are to be sent again.
CREATE TABLE resend (
    batch         TEXT   NOT NULL,
    line          BIGINT NOT NULL,
    asked_at      BIGINT NOT NULL,
    asked_by      TEXT   NOT NULL,
    message       TEXT, -- what the row said before
    answered_at   BIGINT,
    PRIMARY KEY (batch, line, asked_at)
) ${clustered};
