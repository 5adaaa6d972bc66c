-- The process that runs a node, empty once it has ended, and how many groups of writes it has committed: a sign of life to
-- the other nodes, and where a commit is looked up whose answer was lost.
ALTER TABLE node ADD COLUMN process TEXT NOT NULL DEFAULT '';
ALTER TABLE node ADD COLUMN commits BIGINT NOT NULL DEFAULT 0;
