// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import static center.bos.refund.simulation.BrokenPromise.unless;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Verdict;

/**
 * Looks at the database after each commit, before anybody is told of it, and compares it with how it was before: what is there
 * must be allowed, and so must be how it came about.
 */
final class Promise {
    private static final String LOOK = """
            SELECT 'r' || batch || ':' || line, referenceid || x || ackno || x || coalesce(epoch, '') || x
                   || coalesce(outcome, '') || x || doubts || x || attempts || x || retries || x || due_at || x || accepted_at
                   || x || coalesce(answered_at, '') || x || coalesce('r' || repeats_batch || ':' || repeats_line, '') || x
                   || coalesce(response_code, '') || ' ' || coalesce(message, '')
            FROM refund, (SELECT char(31) AS x)
            UNION ALL
            SELECT 'b' || number, id || x || source || x || state || x || again || x || (reply IS NOT NULL) || x || row_count
                   || x || accepted || x || success || x || error || x || in_doubt || x || duplicate || x || rejected || x || sending || x || coalesce(stopped, '') || x || (turn >= 1152921504606846976)
            FROM batch, (SELECT char(31) AS x)
            UNION ALL
            SELECT 'e' || number, node || char(31) || commits || char(31) || (ended_at IS NOT NULL) FROM epoch
            UNION ALL
            SELECT 'p' || referenceid || '/' || ackno, 'r' || batch || ':' || line FROM pair
            UNION ALL
            SELECT 'o' || number, channel || char(31) || batch || char(31) || coalesce(body, '') FROM outbox
            UNION ALL
            SELECT 'n' || node, reason FROM paused_node
            UNION ALL
            SELECT 'w' || batch || ':' || line, count(*) FROM resend GROUP BY batch, line""";

    private final SimulatedDatabase database;
    private final Terms terms;
    private final Bos bos;
    private Map<String, String> texts = new HashMap<>();
    private final Map<String, Stored> rows = new TreeMap<>();
    private final Map<String, Group> batches = new TreeMap<>();
    private final Map<String, String> numbers = new HashMap<>();
    private final Map<Long, Run> epochs = new TreeMap<>();
    private final TreeMap<Long, Owed> outbox = new TreeMap<>();
    /** The last call of a row under an epoch whose answer was handed in. */
    private final Map<String, Call> heard = new HashMap<>();
    /** Rows, each with its epoch, whose call has begun. */
    private final Set<String> begun = new HashSet<>();
    private final Map<String, Integer> asked = new HashMap<>();
    /** The processes that said that a batch is stopped, each with the batch, until it goes on. */
    private final Set<String> answered = new HashSet<>();
    private final Map<String, List<RowOutcome>> replies = new HashMap<>();
    /** When rows that were sent got their outcomes, as the number of the look. */
    private final Map<String, Integer> ended = new HashMap<>();
    private int looks;

    /** A batch, as stored. */
    record Group(String key, String id, String source, String state, boolean again, boolean reply, long rowCount,
            long[] counts, long sending, String stopped, boolean isAside) {
        boolean isComplete() {
            return state.equals("complete");
        }

        boolean isStopped() {
            return !stopped.isEmpty();
        }

        boolean isCancelled() {
            return stopped.equals("cancelled");
        }
    }

    /** One epoch. */
    private static final class Run {
        private long commits;
        private boolean ended;
        private String node;
    }

    /** Something that is owed. */
    private static final class Owed {
        private final String channel;
        private final String of;
        private boolean delivered;

        Owed(String channel, String of) {
            this.channel = channel;
            this.of = of;
        }
    }

    Promise(SimulatedDatabase database, Terms terms, Bos bos) {
        this.database = database;
        this.terms = terms;
        this.bos = bos;
    }

    static String key(long batch, long line) {
        return "r" + batch + ":" + line;
    }

    int looks() {
        return looks;
    }

    // ---- what the run tells

    /** A row was handed over to be called. */
    void begun(DueRow row) {
        begun.add(key(row.number(), row.line()) + "@" + row.epoch());
    }

    /** The answer of a call was handed in. */
    void heard(Call call) {
        heard.put(key(call.row.number(), call.row.line()) + "@" + call.row.epoch(), call);
        if (call.post != null && call.verdict != Verdict.SUCCESS && call.verdict != Verdict.IN_DOUBT) {
            call.post.heardNotDone = true;
        }
    }

    /** A person asks that a row is sent again. */
    void asked(String row) {
        asked.merge(row, 1, Integer::sum);
    }

    /** A request is about to be written. */
    void posts(Call call, Object process) {
        String key = key(call.row.number(), call.row.line());
        unless(!answered.contains(System.identityHashCode(process) + "@b" + call.row.number()),
                "%s is sent after somebody was told that its batch is stopped", key);
        Stored row = rows.get(key);
        unless(row != null && row.isSending() && row.epoch() == call.row.epoch(), "%s is sent, but is stored as %s",
                key, row);
        unless(!epochs.get(row.epoch()).ended, "%s is sent under an epoch that has ended", row);
        int words = words(key) + (terms.resendsDoubts() ? 1 : 0);
        unless(open(key) <= words,
                "%s is sent, although %d requests may have been acted on, and only %d words allow it",
                row, open(key), words);
    }

    /** Somebody was told that a batch is stopped, by that process. */
    void stopAnswered(Object process, long batch) {
        if (batches.get("b" + batch).isStopped()) { // else it goes on already
            answered.add(System.identityHashCode(process) + "@b" + batch);
        }
    }

    /** Whether a person has let a node make no calls. */
    boolean isPaused(String node) {
        return texts.containsKey("n" + node);
    }

    /** Whether something is stopped, or was and its rows are still aside. */
    boolean isAnyStopped() {
        return batches.values().stream().anyMatch(group -> group.isStopped() && !group.isComplete() || group.isAside());
    }

    /** Requests of which nobody heard that they were not acted on. */
    private long open(String row) {
        return bos.posts(row).stream().filter(post -> !post.heardNotDone).count();
    }

    private int words(String row) {
        return Integer.parseInt(texts.getOrDefault("w" + row.substring(1), "0"));
    }

    /** Somebody was told that rows are accepted. */
    void acknowledged(String batch, long firstLine, long lastLine) {
        for (long line = firstLine; line <= lastLine; line++) {
            String number = numbers.get(batch);
            unless(number != null && rows.containsKey("r" + number.substring(1) + ":" + line),
                    "batch %s line %d is said to be accepted, and is not there", batch, line);
        }
    }

    /** A channel took something. */
    void delivered(String channel, long number, RowOutcome outcome) {
        Owed owed = outbox.get(number);
        if (owed == null) {
            return; // handed over by another node meanwhile, so a second time
        }
        for (Owed before : outbox.headMap(number).values()) {
            unless(before.delivered || !before.channel.equals(owed.channel), "%s is handed over before %s", owed.of,
                    before.of);
        }
        unless(owed.channel.equalsIgnoreCase(channel) && owed.of.equals(name(outcome)), "%s is handed over as %s",
                owed.of, name(outcome));
        owed.delivered = true;
    }

    private String name(RowOutcome outcome) {
        return "r" + numbers.get(outcome.batch()).substring(1) + ":" + outcome.line() + " " + outcome.outcome();
    }

    /** A reply is left to the next one, because a row is open again. */
    void notReplied(long number, String batch) {
        Group group = batches.get(numbers.get(batch));
        unless(!group.isComplete(), "the sender of %s got no reply", group.key());
        if (outbox.containsKey(number)) {
            outbox.get(number).delivered = true;
        }
    }

    /** The sender of a batch got a reply. */
    void replied(long number, String batch, List<RowOutcome> outcomes) {
        Owed owed = outbox.get(number);
        if (owed != null) {
            owed.delivered = true;
        }
        Group group = batches.get(numbers.get(batch));
        unless(outcomes.size() == group.rowCount(), "the reply of %s tells of %d rows, not of %d", group.key(),
                outcomes.size(), group.rowCount());
        replies.put(batch, outcomes);
    }

    // ---- what the run asks

    Stored row(String key) {
        return rows.get(key);
    }

    Map<String, Group> batches() {
        return batches;
    }

    /** The rows of a complete batch that are in doubt. */
    List<Stored> inDoubt(Group group) {
        return rows.values().stream().filter(row -> row.batch() == Long.parseLong(group.key().substring(1)))
                .filter(row -> "IN_DOUBT".equals(row.outcome())).toList();
    }

    boolean isOwing() {
        return !outbox.isEmpty();
    }

    boolean isOver() {
        return outbox.isEmpty() && rows.values().stream().allMatch(row -> row.outcome() != null)
                && batches.values().stream().allMatch(Group::isComplete);
    }

    String whatIsLeft() {
        return "rows " + rows.values().stream().filter(row -> row.outcome() == null).toList() + ", batches "
                + batches.values().stream().filter(group -> !group.isComplete()).map(Group::id).toList() + ", outbox "
                + outbox.values().stream().map(owed -> owed.of).toList();
    }

    /** After everything has come to its end. */
    void atTheEnd() {
        for (Group group : batches.values()) {
            if (group.reply()) {
                List<RowOutcome> told = replies.get(group.id());
                unless(told != null, "the sender of %s got no reply", group.key());
                for (RowOutcome outcome : told) {
                    Stored row = rows.get("r" + group.key().substring(1) + ":" + outcome.line());
                    unless(outcome.outcome().name().equals(row.outcome()), "the last reply says %s of %s",
                            outcome.outcome(),
                            row);
                }
            }
        }
        for (Stored row : rows.values()) {
            boolean acted = bos.posts(row.key()).stream().anyMatch(post -> post.acted);
            unless(acted || !"SUCCESS".equals(row.outcome()), "%s, although BOS did nothing for it", row);
        }
    }

    // ---- what the database tells

    void look() {
        looks++;
        Map<String, String> now = new HashMap<>(texts.size() * 2);
        List<String> changed = new ArrayList<>();
        try {
            PreparedStatement statement = database.look(LOOK);
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    String key = found.getString(1);
                    String text = found.getString(2);
                    now.put(key, text);
                    if (!text.equals(texts.get(key))) {
                        changed.add(key);
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        List<String> gone = texts.keySet().stream().filter(key -> !now.containsKey(key)).sorted().toList();
        texts = now;
        compare(changed, gone);
    }

    private void compare(List<String> changed, List<String> gone) {
        List<Stored[]> rowChanges = new ArrayList<>();
        List<String> newlyOwed = new ArrayList<>();
        Map<String, Integer> wordsBefore = new HashMap<>();
        boolean touched = false;
        for (String key : gone) {
            if (key.charAt(0) == 'n') {
                continue;
            }
            unless(key.charAt(0) == 'o', "%s is gone", key);
            Owed owed = outbox.remove(Long.parseLong(key.substring(1)));
            unless(owed.delivered, "%s is gone from the outbox, and was not handed over", owed.of);
        }
        for (String key : changed) {
            String text = texts.get(key);
            switch (key.charAt(0)) {
                case 'r' -> {
                    Stored after = Stored.read(key, text);
                    rowChanges.add(new Stored[]{rows.put(key, after), after});
                    touched = true;
                }
                case 'b' -> {
                    Group before = batches.get(key);
                    Group after = group(key, text);
                    batches.put(key, after);
                    if (!after.isStopped()) {
                        answered.removeIf(stop -> stop.endsWith("@" + key));
                    }
                    numbers.put(after.id(), key);
                    touched = true;
                    if (after.reply() && after.isComplete() && (before == null || !before.isComplete())) {
                        newlyOwed.add(key + " reply");
                    }
                }
                case 'e' -> {
                    String[] part = text.split("\u001f");
                    Run run = epochs.computeIfAbsent(Long.valueOf(key.substring(1)), e -> new Run());
                    unless(!run.ended || part[2].equals("1"), "%s lives again", key);
                    unless(!run.ended || run.commits == Long.parseLong(part[1]), "%s has ended, and commits", key);
                    run.node = part[0];
                    run.commits = Long.parseLong(part[1]);
                    run.ended = part[2].equals("1");
                }
                case 'w' -> unless(Integer.parseInt(text) <= asked.getOrDefault("r" + key.substring(1), 0),
                        "%s is sent again %s times, and a person asked %s times", key, text, asked);
                default -> {
                }
            }
            if (key.charAt(0) == 'w') {
                wordsBefore.put("r" + key.substring(1), Integer.parseInt(text));
            }
        }
        for (Stored[] change : rowChanges) { // a turn settles before it accepts
            if (change[0] != null) {
                moved(change[0], change[1], wordsBefore.containsKey(change[1].key()));
            }
            if (change[1].outcome() != null && (change[0] == null || change[0].outcome() == null)) {
                if (change[1].outcome().equals("SUCCESS") ? terms.successChannel() : terms.errorChannel()) {
                    newlyOwed.add(change[1].key() + " " + change[1].outcome());
                }
            }
        }
        rowChanges.stream().filter(change -> change[0] == null).forEach(change -> accepted(change[1]));
        for (String key : changed) {
            if (key.charAt(0) == 'o') {
                owed(key, texts.get(key), newlyOwed);
            }
        }
        unless(newlyOwed.isEmpty(), "the outbox lacks %s", newlyOwed);
        if (touched) {
            count();
        }
        sending();
    }

    private static Group group(String key, String text) {
        String[] part = text.split("\u001f", -1);
        long[] counts = new long[6];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Long.parseLong(part[6 + i]);
        }
        return new Group(key, part[0], part[1], part[2], part[3].equals("1"), part[4].equals("1"),
                Long.parseLong(part[5]), counts, Long.parseLong(part[12]), part[13], part[14].equals("1"));
    }

    private void owed(String key, String text, List<String> newlyOwed) {
        String[] part = text.split("\u001f", -1);
        String of = part[0].equals("reply")
                ? "b" + part[1] + " reply"
                : "r" + part[1] + ":" + part[2].replaceFirst(".*\"line\":(\\d+).*", "$1") + " "
                        + part[2].replaceFirst(".*\"outcome\":\"(\\w+)\".*", "$1");
        outbox.put(Long.valueOf(key.substring(1)), new Owed(part[0], of));
        boolean isMeant = newlyOwed.remove(of);
        // a message that comes once more when all is done is replied to once more
        unless(isMeant || part[0].equals("reply") && batches.get("b" + part[1]).isComplete(), "%s is owed without need",
                of);
    }

    private void accepted(Stored row) {
        if ("REJECTED".equals(row.outcome())) {
            return;
        }
        String holder = texts.get("p" + row.pair());
        if ("DUPLICATE".equals(row.outcome())) {
            Stored repeated = rows.get(row.repeats());
            unless(repeated != null && repeated.pair().equals(row.pair())
                    && (repeated.isSent() || repeated.isCancelled()), "%s repeats %s", row,
                    repeated);
            return;
        }
        unless(row.outcome() == null, "%s is accepted with an outcome", row);
        unless(row.key().equals(holder), "%s is to be sent, and %s has the pair", row, holder);
        Group group = batches.get("b" + row.batch());
        for (Stored other : rows.values()) {
            if (other.pair().equals(row.pair()) && other.isSent() && !other.key().equals(row.key())) {
                unless(isFreedBy(other, row, group), "%s takes the pair, although there is %s", row, other);
            }
        }
    }

    private boolean isFreedBy(Stored other, Stored row, Group group) {
        if (other.outcome() == null) {
            return false;
        }
        boolean ownBefore = other.batch() == row.batch();
        return other.outcome().equals("ERROR") && !ownBefore && open(other.key()) == 0
                || group.again() && !ownBefore
                || isPastTheWindow(other, row);
    }

    /** So is what ended before a row that is past it, where the clock was set back between them. */
    private boolean isPastTheWindow(Stored other, Stored row) {
        long limit = row.acceptedAt() - terms.duplicateWindow().toMillis();
        return rows.values().stream().filter(later -> later.pair().equals(row.pair()) && ended.containsKey(later.key()))
                .anyMatch(later -> ended.get(later.key()) >= ended.get(other.key()) && later.answeredAt() <= limit);
    }

    private void moved(Stored before, Stored after, boolean byPerson) {
        if (before.outcome() != null) {
            if (after.outcome() == null) {
                unless(byPerson && before.outcome().equals("IN_DOUBT"), "%s is open again, and nobody asked: %s",
                        before,
                        after);
            } else {
                unless(before.outcome().equals(after.outcome()) && before.answeredAt() == after.answeredAt()
                        && before.words().equals(after.words()), "%s became %s", before, after);
            }
            return;
        }
        if (before.epoch() == null) {
            Group group = batches.get("b" + after.batch());
            if (after.outcome() != null) {
                ended.put(after.key(), looks);
                unless(group.isCancelled() && after.outcome().equals(after.doubts() == 0 ? "REJECTED" : "IN_DOUBT"),
                        "%s was not being sent and became %s", before, after);
                return;
            }
            unless(after.epoch() == null || !group.isStopped(), "%s is taken, and its batch is stopped", after);
            unless(after.epoch() == null || !isPaused(epochs.get(after.epoch()).node), "%s is taken by a paused node",
                    after);
            unless(after.epoch() == null || !epochs.get(after.epoch()).ended, "%s is taken by who has ended", after);
            return;
        }
        Call call = heard.get(before.key() + "@" + before.epoch());
        boolean abandoned = epochs.get(before.epoch()).ended;
        if (after.outcome() != null) {
            ended.put(after.key(), looks);
            if (after.epoch() == null) { // given back and cancelled in one turn
                unless(batches.get("b" + after.batch()).isCancelled()
                        && after.outcome().equals(after.doubts() == 0 ? "REJECTED" : "IN_DOUBT"), "%s became %s",
                        before, after);
                unless(after.doubts() > before.doubts() || !begun.contains(before.key() + "@" + before.epoch())
                        || call != null && call.verdict != Verdict.SUCCESS && call.verdict != Verdict.IN_DOUBT,
                        "%s was being sent and became %s", before, after);
            } else {
                unless(Objects.equals(before.epoch(), after.epoch()), "%s became %s", before, after);
                ended(before, after, call, abandoned);
            }
        } else if (abandoned) {
            unless(terms.resendsDoubts() && before.doubts() == 0 && after.doubts() == 1,
                    "%s was left being sent, and became %s", before, after);
        } else if (begun.contains(before.key() + "@" + before.epoch())) {
            unless(call != null, "%s was not answered and became %s", before, after);
            switch (call.verdict) {
                case RETRY, AUTH, UNREACHABLE ->
                    unless(after.doubts() == before.doubts(), "%s became %s", before, after);
                case IN_DOUBT -> unless(terms.resendsDoubts() && before.doubts() == 0 && after.doubts() == 1,
                        "%s was in doubt and became %s", before, after);
                default -> unless(false, "%s was answered %s and became %s", before, call.verdict, after);
            }
        }
        if (!abandoned) {
            heard.remove(before.key() + "@" + before.epoch());
            begun.remove(before.key() + "@" + before.epoch());
        }
    }

    private void ended(Stored before, Stored after, Call call, boolean abandoned) {
        Outcome outcome = Outcome.valueOf(after.outcome());
        if (abandoned) {
            unless(outcome == Outcome.IN_DOUBT, "%s was left being sent, and became %s", before, after);
            return;
        }
        unless(call != null, "%s was not answered and became %s", before, after);
        boolean isMeant = switch (call.verdict) {
            case SUCCESS -> outcome == Outcome.SUCCESS;
            case ERROR -> outcome == Outcome.ERROR;
            case IN_DOUBT -> outcome == Outcome.IN_DOUBT;
            default -> outcome == (before.doubts() == 0 ? Outcome.ERROR : Outcome.IN_DOUBT);
        };
        unless(isMeant, "%s was answered %s and became %s", before, call.verdict, after);
    }

    private void count() {
        Map<Long, long[]> counts = new HashMap<>();
        for (Stored row : rows.values()) {
            long[] of = counts.computeIfAbsent(row.batch(), b -> new long[6]);
            of[0]++;
            if (row.outcome() != null) {
                of[1 + Outcome.valueOf(row.outcome()).ordinal()]++;
            }
        }
        for (Group group : batches.values()) {
            long[] of = counts.getOrDefault(Long.valueOf(group.key().substring(1)), new long[6]);
            long sending = rows.values().stream()
                    .filter(row -> row.isSending() && ("b" + row.batch()).equals(group.key())).count();
            unless(sending == group.sending(), "batch %s says that %d rows are being sent, not %d", group.id(),
                    group.sending(), sending);
            unless(Arrays.equals(of, group.counts()), "batch %s counts %s, not %s", group.id(),
                    Arrays.toString(group.counts()), Arrays.toString(of));
            long done = of[1] + of[2] + of[3] + of[4] + of[5];
            unless(!group.isComplete() || done == group.rowCount(), "batch %s is complete with %d of %d rows",
                    group.id(),
                    done, group.rowCount());
            unless(group.isComplete() || group.source().equals("FILE") || done < group.rowCount(),
                    "batch %s is done and not complete", group.id());
        }
    }

    private void sending() {
        Map<Long, Integer> sending = new HashMap<>();
        for (Stored row : rows.values()) {
            if (row.isSending() && !epochs.get(row.epoch()).ended) {
                int count = sending.merge(row.epoch(), 1, Integer::sum);
                unless(count <= terms.concurrency(), "more than %d rows are being sent under epoch %d",
                        terms.concurrency(), row.epoch());
            }
        }
    }
}
