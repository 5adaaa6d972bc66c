// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.jboss.logging.Logger;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Doubts;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Releases;
import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.LogFields;
import center.bos.refund.model.Source;
import center.bos.refund.model.TroubleLog;

/** Sends rows in doubt again at a person's request. */
@ApplicationScoped
@Named("resend")
public class Resend {
    private static final Logger LOG = Logger.getLogger(Resend.class);

    /** Rows of requests that are opened in one turn. */
    private static final int PIECE = 500;
    private static final int PAGE = 1_000;
    /** The most rows that one request opens, give or take a page. */
    private static final int MOST = 10_000;
    private static final int SHOWN = 100;
    private static final String ASKED = "somebody asked for this already, and it waits for another person's release";

    private final TroubleLog trouble = new TroubleLog(LOG::error);
    private final Ledger ledger;
    private final SummaryFile summaries;
    private final String node;

    Resend(Ledger ledger, SummaryFile summaries, RefundConfig config) {
        this.ledger = ledger;
        this.summaries = summaries;
        this.node = config.node();
    }

    /** Thrown if rows cannot be sent again; the message says why. */
    public static final class NotPossible extends Exception {
        NotPossible(String message) {
            super(message);
        }
    }

    /**
     * The result of a request to send rows in doubt again.
     *
     * @param rows how many are sent again
     * @param skipped how many of the requested rows are not
     * @param why the first of these, with the reason
     * @param more whether there may be more such rows than one request handles
     * @param release the id under which they wait for another person's release, or null
     */
    public record Resent(long rows, long skipped, List<Doubts.Skipped> why, boolean more,
            @JsonProperty("asked_by") String askedBy, @JsonProperty("asked_at") Instant askedAt, String release) {
    }

    /** Opens rows in doubt of files of another node there. */
    @FunctionalInterface
    public interface Elsewhere {
        /** Why some of them are not; only the first of very many. */
        List<Doubts.Skipped> open(String node, List<Doubts.Row> rows);
    }

    /**
     * What this node did for a request.
     *
     * @param meant the requested rows
     * @param before how many were opened for it before
     * @param left rows for other nodes, by node
     */
    private record Share(long meant, long before, List<Doubts.Skipped> skipped, Map<String, List<Doubts.Row>> left,
            boolean more, Instant at, String release) {
    }

    /**
     * Opens the named rows in doubt of files, REST and JMS for another call.
     *
     * @throws IOException if the sign that a batch is over cannot be taken away; what was opened before stays so
     */
    public Resent named(Collection<Doubts.RowName> rows, Deed deed, Elsewhere elsewhere) throws IOException {
        Instant at = ledger.doubts().moment(deed);
        List<Doubts.Skipped> skipped = new ArrayList<>();
        return told(openOrAsk(found(rows, at, skipped), skipped, false, deed, at), deed, elsewhere);
    }

    /** The rows that are in doubt since that time or longer; the others are skipped. */
    private List<Doubts.Row> found(Collection<Doubts.RowName> names, Instant at, List<Doubts.Skipped> skipped) {
        List<Doubts.Row> found = new ArrayList<>();
        for (Doubts.RowName name : names) {
            ledger.doubts().find(name, at).ifPresentOrElse(found::add,
                    () -> skipped.add(new Doubts.Skipped(name.batch(), name.line(), Doubts.CHANGED)));
        }
        return found;
    }

    /**
     * Opens rows in doubt of files, REST and JMS for another call: the oldest first, at most as many as one request handles.
     *
     * @param meant selects the rows
     * @param atMost the number that the person agreed to
     * @throws IOException if the sign that a batch is over cannot be taken away; what was opened before stays so
     */
    public Resent all(Predicate<Doubts.Row> meant, OptionalInt atMost, Deed deed, Elsewhere elsewhere)
            throws IOException {
        return told(all(meant, atMost, deed), deed, elsewhere);
    }

    private synchronized Share all(Predicate<Doubts.Row> meant, OptionalInt atMost, Deed deed) throws IOException {
        Instant at = ledger.doubts().moment(deed);
        // a repetition completes what was left undone, and no more
        long most = atMost.isPresent() ? Math.max(0, atMost.getAsInt() - ledger.doubts().opened(deed, at)) : MOST;
        List<Doubts.Row> found = new ArrayList<>();
        List<Doubts.Skipped> skipped = new ArrayList<>();
        Doubts.Place place = Doubts.Place.START;
        List<Doubts.Row> page;
        do {
            page = ledger.doubts().behind(place, PAGE);
            for (Doubts.Row row : page) {
                if (row.since().isAfter(at) || !meant.test(row)) {
                    continue;
                }
                if (row.isResendable()) {
                    found.add(row);
                } else if (skipped.size() < MOST) {
                    skipped.add(unfinished(row)); // it is none of those that were agreed to
                }
            }
            place = page.isEmpty() ? place : page.get(page.size() - 1).place();
        } while (page.size() == PAGE && found.size() < most);
        List<Doubts.Row> agreed = atMost.isPresent() ? found.subList(0, (int) Math.min(most, found.size())) : found;
        return openOrAsk(agreed, skipped, page.size() == PAGE || agreed.size() < found.size(), deed, at);
    }

    /**
     * Does the resends that another person released. One that was cut off is done again, and opens no row twice. Rows of a batch
     * that is open at the moment are opened once it is complete.
     */
    public void released() {
        if (ledger.trouble().isPresent()) {
            return;
        }
        try {
            for (Releases.Granted granted : ledger.releases().granted()) {
                List<Doubts.Skipped> changed = new ArrayList<>();
                Share own = open(found(granted.rows(), granted.askedAt(), changed), changed, false, granted.deed(),
                        granted.askedAt());
                ledger.releases().done(granted.but(own.skipped().stream()
                        .filter(skipped -> skipped.reason().equals(Doubts.UNFINISHED)).toList()));
            }
        } catch (IOException e) {
            trouble.say("Tried again until it works: a released resend cannot be done: " + FileTrouble.text(e));
        } catch (LedgerUnavailable e) {
            LOG.debug("a released resend is done another time", e);
        }
    }

    /** Called without the lock: two nodes may ask each other at the same time. */
    private Resent told(Share own, Deed deed, Elsewhere elsewhere) {
        List<Doubts.Skipped> why = new ArrayList<>(own.skipped());
        own.left().forEach((other, rows) -> why.addAll(elsewhere.open(other, rows)));
        List<Doubts.Skipped> shown = why.subList(0, Math.min(SHOWN, why.size()));
        if (own.release() != null) {
            return new Resent(0, why.size(), shown, own.more(), deed.by(), own.at(), own.release());
        }
        long opened = ledger.doubts().opened(deed, own.at());
        return new Resent(opened, Math.max(0, own.meant() - (opened - own.before())), shown, own.more(), deed.by(),
                own.at(), null);
    }

    private Share openOrAsk(List<Doubts.Row> rows, List<Doubts.Skipped> skipped, boolean more, Deed deed, Instant at)
            throws IOException {
        // the same request once more is about its own rows
        Set<Doubts.RowName> asked = ledger.releases().asked(deed.key()).isPresent()
                ? Set.of()
                : ledger.releases().rows();
        List<Doubts.Row> free = new ArrayList<>();
        for (Doubts.Row row : rows) {
            if (asked.contains(row.name())) {
                skipped.add(new Doubts.Skipped(row.batch(), row.line(), ASKED));
            } else {
                free.add(row);
            }
        }
        if (!ledger.releases().isNeeded(free.size())) {
            return open(free, skipped, more, deed, at);
        }
        String release = ledger.releases().ask(free.stream().map(Doubts.Row::name).toList(), deed, at);
        return new Share(free.size() + skipped.size(), 0, skipped, Map.of(), more, at, release);
    }

    private Share open(List<Doubts.Row> rows, List<Doubts.Skipped> skipped, boolean more, Deed deed, Instant at)
            throws IOException {
        long meant = rows.size() + skipped.size();
        long before = ledger.doubts().opened(deed, at);
        Map<String, List<Doubts.Row>> files = new LinkedHashMap<>();
        Map<String, List<Doubts.Row>> left = new LinkedHashMap<>();
        List<Doubts.Row> others = new ArrayList<>();
        for (Doubts.Row row : rows) {
            if (!row.isResendable()) {
                skipped.add(unfinished(row));
            } else if (row.source() != Source.FILE) {
                others.add(row);
            } else if (row.node().equals(node)) {
                files.computeIfAbsent(row.batch(), batch -> new ArrayList<>()).add(row);
            } else {
                left.computeIfAbsent(row.node(), other -> new ArrayList<>()).add(row);
            }
        }
        for (int from = 0; from < others.size(); from += PIECE) {
            skipped.addAll(ledger.doubts().resend(others.subList(from, Math.min(others.size(), from + PIECE)), deed,
                    at));
        }
        for (List<Doubts.Row> file : files.values()) {
            skipped.addAll(opening(file.get(0).batch(), () -> ledger.doubts().resend(file, deed, at),
                    notOpened -> notOpened.size() == file.size())
                    .orElseGet(() -> file.stream().map(Resend::unfinished).toList()));
        }
        long opened = ledger.doubts().opened(deed, at);
        if (opened > 0) {
            LOG.infof("%d IN_DOUBT rows are sent again, asked by %s", opened, deed.by());
        }
        return new Share(meant, before, skipped, left, more, at, null);
    }

    private static Doubts.Skipped unfinished(Doubts.Row row) {
        return new Doubts.Skipped(row.batch(), row.line(), Doubts.UNFINISHED);
    }

    /**
     * Opens rows of a complete batch of a file, whose summary is put aside before, and put back where none was opened. One at a time:
     * who comes second must not put it back.
     *
     * @return what came of it, or empty where the batch is not complete
     */
    private synchronized <T> Optional<T> opening(String batch, Supplier<T> open, Predicate<T> openedNone)
            throws IOException {
        if (ledger.batches().find(batch).filter(found -> found.state() == Batch.State.COMPLETE).isEmpty()) {
            return Optional.empty();
        }
        summaries.putAside(batch);
        T opened = open.get();
        if (openedNone.test(opened)) {
            summaries.putBack(batch);
        }
        return Optional.of(opened);
    }

    /**
     * The rows in doubt of a finished batch.
     *
     * @param lines the requested ones; empty: all
     * @throws NotPossible if the batch is not complete or not this node's, or one of the lines is not in doubt
     */
    public Set<Long> inDoubt(Batch batch, Set<Long> lines) throws NotPossible {
        String id = batch.id();
        if (batch.state() == Batch.State.REFUSED) {
            throw new NotPossible("batch " + id + " was refused, no row of it was sent: send a mended file");
        }
        if (batch.state() == Batch.State.OPEN) {
            throw new NotPossible("batch " + id + " is not finished: let it finish first");
        }
        if (!batch.node().equals(node)) {
            throw new NotPossible("batch " + id + " belongs to node " + batch.node() + ": resend it there");
        }
        Set<Long> inDoubt = ledger.doubts().lines(id);
        for (Long line : lines) {
            if (!inDoubt.contains(line)) {
                throw new NotPossible("line " + line + " of batch " + id + " is not IN_DOUBT");
            }
        }
        if (inDoubt.isEmpty()) {
            throw new NotPossible("no row of batch " + id + " is IN_DOUBT");
        }
        return lines.isEmpty() ? inDoubt : lines;
    }

    /**
     * Opens IN_DOUBT rows of a batch for another call, and with them the batch; or asks for another person's release, where so many
     * rows need one.
     *
     * @param lines their lines
     * @param deed who asked, and why; kept in the ledger
     * @return by which id they wait for a release, or empty where they were opened
     * @throws NotPossible if a row waits for a release already, the batch or a row has changed, or another row with the same pair is open; then nothing was opened
     * @throws IOException if the summary of the batch cannot be removed; then nothing was opened
     */
    public Optional<String> openOrAsk(Batch batch, Set<Long> lines, Deed deed) throws NotPossible, IOException {
        String id = batch.id();
        Set<Doubts.RowName> asked = ledger.releases().rows();
        for (Long line : lines) {
            if (asked.contains(new Doubts.RowName(id, line))) {
                throw new NotPossible("line " + line + " of batch " + id + ": " + ASKED);
            }
        }
        if (ledger.releases().isNeeded(lines.size())) {
            return Optional.of(ledger.releases().ask(
                    lines.stream().sorted().map(line -> new Doubts.RowName(id, line)).toList(), deed,
                    ledger.doubts().moment(new Deed(deed.by(), deed.reason(), null))));
        }
        if (!opening(id, () -> ledger.doubts().resend(id, lines, deed), opened -> !opened).orElse(false)) {
            throw new NotPossible(
                    "batch " + id + " is being resent by somebody else, or another row with one of its pairs"
                            + " is open; nothing was sent again");
        }
        LogFields.of(id, () -> LOG.infof("Batch %s: %d IN_DOUBT rows are sent again, asked by %s", id, lines.size(),
                deed.by()));
        return Optional.empty();
    }
}
