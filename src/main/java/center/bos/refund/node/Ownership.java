// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.node;

/** A lock on the node's name. It is taken before an epoch begins, because that ends the one before. */
public interface Ownership {

    /** Returns once this process holds the name, as it does once the lock is made; else throws an exception that says why. */
    default void take() {
    }

    /** Another process took the node's name while this one was paused, so this one must stop. */
    void lost();
}
