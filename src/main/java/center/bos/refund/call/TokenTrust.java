// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.call;

import jakarta.inject.Singleton;

/**
 * Distinguishes an expired token, which a new one replaces, from wrong credentials, which no new token helps: only a token that
 * BOS accepted before can have expired.
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
     * @param lastCall number of the call that began last; later calls should have a new token
     * @return whether a new token is likely to be accepted
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
