// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.util.function.UnaryOperator;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

/** The lane of a reply: its destination, so that a blocked destination delays no other. */
@Singleton
@Named("replyLane")
public class ReplyLane implements UnaryOperator<String> {

    @Override
    public String apply(String reply) {
        return ReplyTo.read(reply).destination();
    }
}
