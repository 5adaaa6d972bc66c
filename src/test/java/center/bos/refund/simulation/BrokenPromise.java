// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

/** Something that the ledger promises never to happen has happened. An Error, so that no code under test catches it. */
final class BrokenPromise extends Error {
    private static final long serialVersionUID = 1L;

    BrokenPromise(String what) {
        super(what);
    }

    BrokenPromise(String what, Throwable cause) {
        super(what, cause);
    }

    static void unless(boolean kept, String what, Object... values) {
        if (!kept) {
            throw new BrokenPromise(String.format(what, values));
        }
    }
}
