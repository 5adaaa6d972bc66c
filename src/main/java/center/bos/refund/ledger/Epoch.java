package center.bos.refund.ledger;

/**
 * One run of one node, until it ends or is taken for dead. Claims carry it, so that others know which claims nobody is
 * working on.
 *
 * @param node the node's stable name
 * @param process tells apart the processes that run under that name
 * @param number counts the node's epochs
 * @param commits groups of writes that the node had committed when the epoch began
 */
record Epoch(String node, String process, long number, long commits) {
}
