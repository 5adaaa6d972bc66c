// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.node;

/** A lock on the node's name. It is taken before an epoch begins, because that ends the one before. */
public interface Ownership {

    /** Returns once this process holds the name; throws an exception that says why it cannot. */
    void take();

    /** Another process took the node's name while this one was paused, so this one must stop. */
    default void lost() {
    }
}
