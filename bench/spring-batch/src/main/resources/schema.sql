CREATE TABLE IF NOT EXISTS outcome (
    referenceid BIGINT NOT NULL,
    ackno BIGINT NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    response_code INTEGER,
    message VARCHAR(1000),
    PRIMARY KEY (referenceid, ackno)
);
