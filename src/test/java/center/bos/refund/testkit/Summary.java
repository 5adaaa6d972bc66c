// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/** A batch's {@code summary.json}; a field that is not there is 0 or null. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Summary(String batch, String file, String sha256, long rows, long success, long error,
        @JsonProperty("in_doubt") long inDoubt, long duplicate, long rejected,
        @JsonProperty("started_at") String startedAt, @JsonProperty("finished_at") String finishedAt, String state,
        String reason) {

    /** The five counts together. */
    public long sum() {
        return success + error + inDoubt + duplicate + rejected;
    }
}
