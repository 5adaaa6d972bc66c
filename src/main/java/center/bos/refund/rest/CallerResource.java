// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

/** The operation {@code /caller}: the caller's name and roles, so that the console shows only allowed actions. */
@ApplicationScoped
@Named("callerResource")
public class CallerResource {

    record Caller(String name, List<String> roles) {
    }

    /** The caller's name and roles. */
    public Answer caller(ApiRequest request) {
        return Answer.personal(new Caller(request.isAnonymous() ? null : request.caller(), request.roles()));
    }
}
