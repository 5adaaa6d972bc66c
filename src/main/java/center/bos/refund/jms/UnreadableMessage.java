// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

/** A JMS message that holds no request; the message says why, without its content. */
public final class UnreadableMessage extends Exception {
    UnreadableMessage(String message) {
        super(message);
    }
}
