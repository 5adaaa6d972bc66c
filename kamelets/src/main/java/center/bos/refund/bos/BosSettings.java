// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import center.bos.refund.token.TokenSettings;

/** Settings for BOS Center ({@code bos.*}): its address, the login, the codes of its answers. */
public interface BosSettings extends ConnectionSettings {

    /** The form of a RefundOTP request. */
    Request request();

    /** Where bearer tokens come from. */
    TokenSettings token();

    /** The form of the JSON that is sent. */
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
