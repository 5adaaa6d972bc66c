package center.bos.refund.ledger;

/**
 * One run of one node. Claims carry it, so that a later run knows which claims nobody is working on.
 *
 * @param node the node's stable name
 * @param number counts the node's starts
 */
record Epoch(String node, long number) {
}
