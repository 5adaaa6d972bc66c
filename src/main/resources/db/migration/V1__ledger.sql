-- One dialect for SQLite and PostgreSQL. Times are epoch milliseconds, by the ledger's clock.
-- ${clustered} is WITHOUT ROWID on SQLite and nothing on PostgreSQL; ${serial} counts up by itself.

-- One run of one node. Rows carry the epoch under which they are sent; those of an ended epoch are in doubt.
CREATE TABLE epoch (
    number   BIGINT NOT NULL PRIMARY KEY,
    node     TEXT   NOT NULL,
    process  TEXT   NOT NULL,           -- random: tells a node's own earlier epochs from those of another process
    commits  BIGINT NOT NULL DEFAULT 0, -- turns committed: the sign of life, the fence, and where a lost commit is looked up
    alive_at BIGINT NOT NULL,
    ended_at BIGINT                     -- null while it runs
);
CREATE INDEX epoch_running ON epoch (node) WHERE ended_at IS NULL;

-- Nodes that serve: where the others reach each, and by which key it signs what it asks them for. One that has ended keeps its row.
CREATE TABLE node (
    name       TEXT NOT NULL PRIMARY KEY,
    url        TEXT NOT NULL,
    run        TEXT NOT NULL, -- random: what is signed for one run of a node is good for no other
    public_key TEXT NOT NULL  -- of that run; its private key is in its memory alone
) ${clustered};

-- What one epoch does for all nodes at a time, such as handing the outcomes of a channel over.
CREATE TABLE lease (
    name  TEXT   NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL
);

-- A file, an upload, or a message: rows that were accepted together.
CREATE TABLE batch (
    number      ${serial},
    id          TEXT    NOT NULL UNIQUE,
    source      TEXT    NOT NULL, -- FILE: has an archived file and results; REST, JMS: a request
    file        TEXT    NOT NULL,
    sha256      TEXT    NOT NULL,
    node        TEXT    NOT NULL, -- who took it, has its file and writes its results
    state       TEXT    NOT NULL, -- open, complete, refused
    reason      TEXT,             -- why it was refused
    again       INTEGER NOT NULL, -- 1: a person asked to send pairs that were already done
    row_count   BIGINT  NOT NULL,
    size        BIGINT  NOT NULL, -- bytes of the file when it was accepted
    submitted_by TEXT,            -- of a file: a person, or inbox, SFTP; null once it was erased
    accepted    BIGINT  NOT NULL DEFAULT 0, -- rows that are in the table refund
    sending     BIGINT  NOT NULL DEFAULT 0, -- rows that are being sent
    turn        BIGINT  NOT NULL DEFAULT 0, -- of the last row accepted
    success     BIGINT  NOT NULL DEFAULT 0,
    error       BIGINT  NOT NULL DEFAULT 0,
    in_doubt    BIGINT  NOT NULL DEFAULT 0,
    duplicate   BIGINT  NOT NULL DEFAULT 0,
    rejected    BIGINT  NOT NULL DEFAULT 0,
    started_at  BIGINT  NOT NULL,
    finished_at BIGINT,
    reply       TEXT,             -- where the outcomes of a message are to go, or null
    stopped     TEXT,             -- why no row of it is taken: held, unreleased, paused, cancelled; null when rows are taken
    stopped_at  BIGINT,
    stopped_by  TEXT,
    stop_reason TEXT,
    erased_at   BIGINT,           -- when its rows were erased by age, or null
    held_until  BIGINT,           -- until when it waits for a person's cancel, or null
    since       BIGINT            -- of a file that was taken before and written on: when; what was sent since is not sent again
);
CREATE INDEX batch_open ON batch (node) WHERE state = 'open';
CREATE INDEX batch_stopped ON batch (number) WHERE stopped IS NOT NULL AND state = 'open';
CREATE INDEX batch_aside ON batch (number) WHERE turn >= 1152921504606846976; -- 2^60
CREATE INDEX batch_in_doubt ON batch (number) WHERE in_doubt > 0;
CREATE INDEX batch_content ON batch (sha256) WHERE source = 'FILE';
CREATE INDEX batch_started ON batch (started_at) WHERE source = 'FILE';

-- The queue and the book: a row waits, is being sent under an epoch, or has its outcome.
CREATE TABLE refund (
    batch         BIGINT  NOT NULL,
    line          BIGINT  NOT NULL,
    referenceid   TEXT    NOT NULL,
    ackno         TEXT    NOT NULL,
    turn          BIGINT  NOT NULL,           -- its place in the order of calls; from 2^60 on it stands aside, as its batch is stopped
    due_at        BIGINT  NOT NULL DEFAULT 0, -- not called before
    epoch         BIGINT,                     -- under which it is, or was last, being sent; null while it waits
    outcome       TEXT,                       -- null until it has one
    doubts        INTEGER NOT NULL DEFAULT 0, -- times that it was sent again although BOS may have acted
    attempts      INTEGER NOT NULL DEFAULT 0, -- POSTs
    retries       INTEGER NOT NULL DEFAULT 0, -- repeats after answers that say 'not done'
    accepted_at   BIGINT  NOT NULL,
    answered_at   BIGINT,
    response_code TEXT,
    http_status   INTEGER,
    message       TEXT,
    answer        TEXT,                       -- what BOS said, capped, for the outcomes other than SUCCESS
    repeats_batch BIGINT,                     -- of a DUPLICATE: the row that has the pair
    repeats_line  BIGINT,
    pair_known    INTEGER NOT NULL DEFAULT 0, -- 1: the ledger had a row of this pair before
    PRIMARY KEY (batch, line)
) ${clustered};
-- Taking a row changes none of these columns, so it writes no index.
CREATE INDEX refund_unsettled ON refund (turn, batch, line) WHERE outcome IS NULL;
CREATE INDEX refund_in_doubt ON refund (answered_at, batch, line) WHERE outcome = 'IN_DOUBT';
CREATE INDEX refund_history ON refund (ltrim(referenceid, '0'), ltrim(ackno, '0')) WHERE pair_known = 1;

-- The row that holds a pair. Whether the pair is free again is told by that row. Ids are without leading zeros, as BOS reads them.
CREATE TABLE pair (
    operation   TEXT   NOT NULL,
    referenceid TEXT   NOT NULL,
    ackno       TEXT   NOT NULL,
    batch       BIGINT NOT NULL,
    line        BIGINT NOT NULL,
    first_batch BIGINT, -- the row that the pair came with, where another holds it now
    first_line  BIGINT,
    doubt_at    BIGINT, -- when a row before that one ended otherwise than in BOS' word that it did not act, or null
    PRIMARY KEY (operation, referenceid, ackno)
) ${clustered};

-- Nodes that begin no call, because a person paused them.
CREATE TABLE paused_node (
    node      TEXT   NOT NULL PRIMARY KEY,
    paused_at BIGINT NOT NULL,
    paused_by TEXT   NOT NULL,
    reason    TEXT   NOT NULL
);

-- The newest bearer token of a client, for nodes that share the ledger: at some endpoints a new token ends the one before.
CREATE TABLE token (
    client     TEXT   NOT NULL PRIMARY KEY, -- a hash of who asks where
    sealed     TEXT,                        -- encrypted under the client's secret; null until there is one
    expires_at BIGINT NOT NULL DEFAULT 0
) ${clustered};

-- What is owed to channels and to senders who asked for a reply; a row goes once it was handed over.
CREATE TABLE outbox (
    number  ${serial},
    channel TEXT   NOT NULL, -- success, error, reply
    batch   BIGINT NOT NULL,
    body    TEXT             -- the outcome as JSON; null for a reply, which holds all outcomes of its batch
);
CREATE INDEX outbox_channel ON outbox (channel, number);

-- A person's word that rows in doubt are to be sent again.
CREATE TABLE resend (
    batch       BIGINT NOT NULL,
    line        BIGINT NOT NULL,
    asked_at    BIGINT NOT NULL,
    asked_by    TEXT   NOT NULL,
    reason      TEXT, -- why
    message     TEXT, -- what the row said before
    answered_at BIGINT,
    PRIMARY KEY (batch, line, asked_at)
) ${clustered};

-- A word that rows in doubt are to be sent again, so many that another person must release it; and its rows until it is done.
CREATE TABLE release (
    id         TEXT   NOT NULL PRIMARY KEY,
    node       TEXT   NOT NULL, -- where it was asked for, and is done
    asked_at   BIGINT NOT NULL,
    asked_by   TEXT   NOT NULL,
    reason     TEXT,
    row_count  BIGINT NOT NULL,
    decision   TEXT,            -- released, refused, or null while it waits
    decided_at BIGINT,
    decided_by TEXT,
    done_at    BIGINT
) ${clustered};
CREATE TABLE release_row (
    id    TEXT   NOT NULL,
    batch TEXT   NOT NULL,
    line  BIGINT NOT NULL,
    PRIMARY KEY (id, batch, line)
) ${clustered};

-- Who did what, when and why. Each deed's hash is made of what it holds and of the hash before; of who and why it is made by way
-- of a hash with a salt, so that they can be erased and the chain still be verified.
CREATE TABLE deed (
    number    BIGINT NOT NULL PRIMARY KEY,
    done_at   BIGINT NOT NULL,
    what      TEXT   NOT NULL, -- pause, resume, cancel, ask, release, refuse, resend, again, login-refused, erase
    subject   TEXT   NOT NULL, -- the batch, the node or the request
    row_count BIGINT NOT NULL,
    done_by   TEXT,
    reason    TEXT,
    salt      TEXT,
    personal  TEXT   NOT NULL,
    hash      TEXT   NOT NULL
);

-- The newest deed's number and hash, in the one row.
CREATE TABLE audit_head (
    one    INTEGER NOT NULL PRIMARY KEY,
    number BIGINT  NOT NULL,
    hash   TEXT    NOT NULL
);
INSERT INTO audit_head (one, number, hash) VALUES (1, 0, '');

-- Why rows of a complete batch did not succeed, the most frequent reason first; counted when its results were written.
CREATE TABLE reason (
    batch         BIGINT  NOT NULL,
    place         INTEGER NOT NULL,
    outcome       TEXT    NOT NULL,
    response_code TEXT,
    message       TEXT,
    row_count     BIGINT  NOT NULL,
    first_at      BIGINT  NOT NULL,
    last_at       BIGINT  NOT NULL,
    first_line    BIGINT  NOT NULL,
    PRIMARY KEY (batch, place)
) ${clustered};

-- What a caller's Idempotency-Key stands for.
CREATE TABLE idempotency (
    caller     TEXT   NOT NULL,
    name       TEXT   NOT NULL, -- the key as the caller gave it
    request    TEXT   NOT NULL, -- SHA-256 of what was asked
    reference  TEXT   NOT NULL, -- the batch, or the file that becomes one
    created_at BIGINT NOT NULL,
    PRIMARY KEY (caller, name)
) ${clustered};

-- Batches whose results are owed to where their file was fetched from.
CREATE TABLE delivery (
    batch     TEXT   NOT NULL PRIMARY KEY, -- its id: owed before the batch is there
    delivered BIGINT NOT NULL DEFAULT 0    -- the batch's finished_at when its results were put there
) ${clustered};
