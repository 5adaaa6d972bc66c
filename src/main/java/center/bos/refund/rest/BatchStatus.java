// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.ledger.Lookups;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Stop;
import center.bos.refund.model.Trouble;

/** The progress of a batch, as in the contract; {@code rate} is that of the last minute, in rows a second. */
public record BatchStatus(String batch, String file, String sha256, String node, String state, String reason,
        boolean again,
        long rows,
        long done, long success, long error, @JsonProperty("in_doubt") long inDoubt, long duplicate, long rejected,
        @JsonProperty("in_flight") long inFlight, long waiting, Stop stopped,
        @JsonProperty("submitted_by") String submittedBy,
        @JsonProperty("started_at") Instant startedAt, @JsonProperty("finished_at") Instant finishedAt, Double rate,
        @JsonProperty("estimated_end") Instant estimatedEnd, List<Lookups.Resent> resent) {

    /** While nothing is called. */
    public static BatchStatus of(Batch batch, List<Lookups.Resent> resent) {
        return of(batch, Optional.empty(), resent, OptionalDouble.empty(), Instant.now());
    }

    static BatchStatus of(Batch batch, Optional<Trouble> trouble, List<Lookups.Resent> resent, OptionalDouble pace,
            Instant now) {
        Double rate = null;
        Instant end = null;
        if (pace.isPresent()) {
            rate = Math.round(pace.getAsDouble() * 10) / 10.0;
            end = pace.getAsDouble() == 0
                    ? null
                    : now.plusMillis((long) ((batch.rows() - batch.done()) / pace.getAsDouble() * 1000))
                            .truncatedTo(ChronoUnit.MILLIS);
        }
        return new BatchStatus(batch.id(), batch.file(), batch.sha256(), batch.node(),
                batch.state().name().toLowerCase(Locale.ROOT),
                trouble.map(Trouble::reason).orElse(batch.reason()), batch.again(), batch.rows(),
                batch.done(), batch.success(), batch.error(), batch.inDoubt(), batch.duplicate(), batch.rejected(),
                batch.sending(), batch.waiting(), batch.stop(), batch.submittedBy(),
                batch.startedAt(), batch.finishedAt(), rate, end, resent);
    }
}
