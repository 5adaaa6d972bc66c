// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

/** The process is killed at this point: nothing after it runs. An Error, so that no code under test catches it. */
final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash() {
        super("killed", null, false, false);
    }
}
