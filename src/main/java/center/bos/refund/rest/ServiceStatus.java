// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

import center.bos.refund.ledger.Workload;
import center.bos.refund.model.Stop;

/** The state of a service, as in the contract; {@code why} lists everything that keeps calls from beginning. */
public record ServiceStatus(@JsonProperty("as_of") Instant asOf, String node, String verdict, boolean calling,
        List<Stop> why, @JsonProperty("in_flight") int inFlight, @JsonUnwrapped Workload workload, long owed) {

    /** To the millisecond, like the other times of the contract. */
    public ServiceStatus {
        asOf = asOf.truncatedTo(ChronoUnit.MILLIS);
    }
}
