// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import center.bos.refund.token.TokenSettings;

/** Everything that is known of BOS Center from the outside: where it is, how to log in, how to read its answers. */
public interface BosSettings extends ConnectionSettings {

    /** How a RefundOTP request is written. */
    Request request();

    /** Where bearer tokens come from. */
    TokenSettings token();

    /** Shape of the JSON that is sent. */
    interface Request {
        /** Name of the JSON field that carries the reference id. */
        String referenceField();

        /** Whether ids are sent as JSON numbers or as JSON strings. */
        Ids ids();
    }

    /** JSON type of the ids in a request. */
    enum Ids {
        NUMBER, STRING
    }
}
