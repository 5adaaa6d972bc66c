package center.bos.refund.rest;

/**
 * One way in which a request does not fit the contract.
 *
 * @param where the part of the request, such as {@code body.referenceid}
 * @param detail what is wrong and what to do, without the value
 */
record Violation(String where, String detail) {
}
