// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

/** The operation {@code /caller}: who asks, so that a page shows nobody what he may not do. */
@ApplicationScoped
@Named("callerResource")
public class CallerResource {

    record Caller(String name, List<String> roles) {
    }

    /** Who asks, and what they may do. */
    public Answer caller(ApiRequest request) {
        return Answer.personal(new Caller(request.isAnonymous() ? null : request.caller(), request.roles()));
    }
}
