// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.node;

/** What keeps other processes from being the same node. It is taken before an epoch begins, as that ends the one before. */
public interface Ownership {

    /** Returns when this process is the only one; throws an exception that says why where it cannot be. */
    void take();

    /** Another process has taken the node's name while this one was paused; it can do no more. */
    default void lost() {
    }
}
