// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.call;

import jakarta.inject.Singleton;

/**
 * Tells a token that has become old, which a fresh one cures, from a set-up that no token cures: only a token that BOS
 * accepted before can have become old.
 */
@Singleton
class TokenTrust {
    private String accepted;
    private String refused;
    private long refusedUpTo;

    /** BOS accepted this token. */
    synchronized void accepted(String token) {
        accepted = token;
    }

    /**
     * BOS refused this token.
     *
     * @param call number of the call that was refused
     * @param lastCall number of the call that began last; whoever comes later should have a fresh token
     * @return whether a fresh token is likely to be accepted
     */
    synchronized boolean curable(String token, long call, long lastCall) {
        if (token.equals(refused)) {
            return call <= refusedUpTo;
        }
        if (!token.equals(accepted)) {
            return false;
        }
        refused = token;
        refusedUpTo = lastCall;
        return true;
    }
}
