// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

/** A request was not accepted, because another one has its id. */
public final class IdInUse extends Exception {
    private static final long serialVersionUID = 1L;

    IdInUse(String id) {
        super("another request has the id " + id);
    }
}
