// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;

import center.bos.refund.model.Batch;
import center.bos.refund.model.Trouble;

/** Why batches do not go on where it is not for BOS or the ledger: a file that cannot be read or written. */
@ApplicationScoped
public class BatchTroubles {
    private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();

    /** Keeps the reason until {@link #over(Batch)}. */
    public void note(Batch batch, String text) {
        troubles.merge(batch.id(), new Trouble(Instant.now(), text, false),
                (before, now) -> new Trouble(before.since(), now.reason(), false));
    }

    public void over(Batch batch) {
        troubles.remove(batch.id());
    }

    /** That of the first of these batches that has one. */
    public Optional<Trouble> of(Collection<Batch> batches) {
        return batches.stream().map(batch -> troubles.get(batch.id())).filter(Objects::nonNull).findFirst();
    }
}
