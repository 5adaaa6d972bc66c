// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

/** An invalid JMS message; the exception's message says why, without its content. */
public final class UnreadableMessage extends Exception {
    UnreadableMessage(String message) {
        super(message);
    }
}
