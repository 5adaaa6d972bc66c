-- Bytes of a batch's file when it was accepted: a writer that goes on with it afterwards writes into the archive.
ALTER TABLE batch ADD COLUMN size BIGINT;
