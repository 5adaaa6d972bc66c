// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;
import center.bos.refund.testkit.HeldClock;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.throttle.Hours;
import center.bos.refund.throttle.Throttle;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

/** A process' part of the ledger, put together as {@link Ledger} does it, whose turns a test asks for one by one. */
final class LedgerNode {
    private final LedgerDatabase database;
    private final Turns turns;
    private final Throttle throttle;
    private final Dispatcher dispatcher;
    private final Owed owed;
    private final Batches batches;
    private final Stops stops;
    private final StoppedRows stoppedRows;
    private final Releases releases;
    private final Doubts doubts;
    private final LedgerClock clock;
    private final String name;
    private final List<DueRow> begun = new ArrayList<>();
    private boolean replaced;

    private LedgerNode(RefundConfig config, HeldClock held, LedgerClock.Sleep sleep,
            UnaryOperator<LedgerDatabase> around) throws SQLException {
        clock = new LedgerClock(held, held::nanos, sleep);
        name = config.node();
        ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
        database = around.apply(LedgerDatabase.open(config));
        turns = new Turns(config, database, clock, new Outbox(config, json), () -> replaced = true);
        List<Duration> pauses = turns.begin();
        throttle = new Throttle(config.concurrency(), config.rate(), held::nanos, held,
                config.hours().map(Hours::of).orElse(null));
        dispatcher = new Dispatcher(turns, throttle, clock, pauses, turn -> {
        });
        batches = new Batches(database, dispatcher, config);
        owed = new Owed(database, dispatcher, json);
        stops = new Stops(database, dispatcher, throttle, config.node());
        stoppedRows = new StoppedRows(database, dispatcher, stops, clock);
        releases = new Releases(database, dispatcher, stops, config);
        doubts = new Doubts(database, dispatcher);
        stops.restore();
    }

    static LedgerNode start(Map<String, String> settings, HeldClock clock, LedgerClock.Sleep sleep,
            UnaryOperator<LedgerDatabase> around) {
        try {
            return new LedgerNode(config(settings), clock, sleep, around);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static RefundConfig config(Map<String, String> settings) {
        try {
            return new SmallRyeConfigBuilder().addDefaultInterceptors().withMapping(RefundConfig.class)
                    .withConverter(Duration.class, 200, new DurationConverter())
                    .withSources(new PropertiesConfigSource(Path.of("application.properties").toUri().toURL()),
                            new PropertiesConfigSource(settings, "test", 500))
                    .build().getConfigMapping(RefundConfig.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LedgerDatabase database() {
        return database;
    }

    Turns turns() {
        return turns;
    }

    Throttle throttle() {
        return throttle;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    Lookups lookups() {
        return new Lookups(database);
    }

    /** Whether it was told that another process has taken its name. */
    boolean isReplaced() {
        return replaced;
    }

    /** One turn, outside of the dispatcher. */
    Turn turn(int most, Write<?>... writes) {
        return turn(most, null, writes);
    }

    private Turn turn(int most, Set<Long> only, Write<?>... writes) {
        try {
            Turn turn = turns.run(List.of(writes), most, only);
            Arrays.stream(writes).forEach(Write::durable);
            return turn;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Registers a file of so many rows. */
    Batch file(String id, long rows) {
        return file(id, rows, false);
    }

    /** Registers a file whose pairs are sent again. */
    Batch fileAgain(String id, long rows) {
        return file(id, rows, true);
    }

    private Batch file(String id, long rows, boolean again) {
        return doing(batches -> batches.register(id, id + ".csv", new Batches.Content(id, 1, rows, "asha"), again,
                batch -> false));
    }

    /** Registers and accepts a file with so many rows, from line 2 on, of pairs that count up from that one. */
    Batch fileOf(String id, long rows, long firstPair) {
        Batch batch = file(id, rows);
        List<NewRow> all = LongStream.range(0, rows).mapToObj(i -> row(2 + i, firstPair + i)).toList();
        for (int from = 0; from < rows; from += Ledger.PIECE) {
            accept(batch, all.subList(from, (int) Math.min(rows, from + Ledger.PIECE)));
        }
        return batch;
    }

    void accept(Batch batch, NewRow... rows) {
        accept(batch, List.of(rows));
    }

    void accept(Batch batch, List<NewRow> rows) {
        turn(0, accepting(batch, rows));
    }

    static Write.Accept accepting(Batch batch, List<NewRow> rows) {
        return accepting(Submission.piece(batch, rows));
    }

    static Write.Accept accepting(Submission submission) {
        return new Write.Accept(submission, submission.rows());
    }

    /** A single refund over REST. */
    static Submission single(String id, long pair) {
        return new Submission(id, Source.REST, false, List.of(row(1, pair)), null);
    }

    /** A row that can be sent. */
    static NewRow row(long line, long pair) {
        return row(line, Long.toString(pair));
    }

    static NewRow row(long line, String referenceid) {
        return new NewRow(line, referenceid, "1", null);
    }

    /** Takes so many rows at most. */
    List<DueRow> take(int most) {
        return turn(most).taken();
    }

    /** Takes so many rows at most of these batches alone. */
    List<DueRow> takeOf(int most, Batch... only) {
        return turn(most, Arrays.stream(only).map(Batch::number).collect(Collectors.toSet())).taken();
    }

    boolean settle(DueRow row, Outcome outcome) {
        return settle(row, ended(outcome));
    }

    boolean settle(DueRow row, Settlement settlement) {
        Write.Settle write = new Write.Settle(row, settlement);
        turn(0, write);
        return write.await();
    }

    static Settlement.Ended ended(Outcome outcome) {
        return new Settlement.Ended(outcome, "1", 200, "said", 1, null);
    }

    /** Does something that waits for the dispatcher, and gives it the turns that it needs. */
    <T> T doing(Function<Batches, T> task) {
        return during(() -> task.apply(batches));
    }

    <T> T during(Supplier<T> task) {
        CompletableFuture<T> done = OwnThread.supply(task);
        while (!done.isDone()) {
            dispatcher.turn();
        }
        return done.join();
    }

    /** From now on the dispatcher takes rows, which begin nothing but are kept. */
    void call() {
        dispatcher.callWith(begun::add);
    }

    /** The rows whose calls the dispatcher started since this was asked last. */
    List<DueRow> begun() {
        List<DueRow> rows = List.copyOf(begun);
        begun.clear();
        return rows;
    }

    /** Lets as many calls be in flight as the settings allow. */
    void warmUp() {
        for (int call = 0; call < 10; call++) {
            throttle.answered(throttle.begin());
            throttle.end();
        }
    }

    /** Marks a batch complete, as if its results were written. */
    void complete(String id, Instant at) {
        turn(0, new Write.Change<>(turn -> Batches.markComplete(turn, id, at)));
    }

    /** The batch as it is now. */
    Batch now(Batch batch) {
        return batches.find(batch.id()).orElseThrow();
    }

    Stops stops() {
        return stops;
    }

    StoppedRows stoppedRows() {
        return stoppedRows;
    }

    Releases releases() {
        return releases;
    }

    /** Applies all stops to rows. */
    void sweep() {
        during(() -> {
            stoppedRows.sweep(() -> false);
            return null;
        });
    }

    Batches batches() {
        return batches;
    }

    Retention retention(Duration age) {
        return new Retention(database, dispatcher, clock, name, age);
    }

    Audit audit() {
        return new Audit(database, dispatcher);
    }

    Doubts doubts() {
        return doubts;
    }

    Optional<RowOutcome> outcome(Batch batch, long line) {
        return lookups().outcome(batch.id(), line);
    }

    /** The undelivered entries of a channel. */
    List<Outbox.Owed> owed(Outbox.Channel channel) {
        return owed.next(channel, 0, 1_000);
    }

    /** The outcomes of a batch that has all of them. */
    List<RowOutcome> outcomes(String batch) {
        return owed.outcomes(batch).orElseThrow();
    }

    /** Lets time pass for all that is in the ledger, whoever's clock it goes by. */
    void age(Duration time) {
        Write.Change<Integer> change = new Write.Change<>(turn -> turn.jdbc().update(
                "UPDATE refund SET accepted_at = accepted_at - ?, answered_at = answered_at - ?, due_at = due_at - ?",
                time.toMillis(), time.toMillis(), time.toMillis()));
        turn(0, change);
    }

    /** Changes the ledger behind the back of all nodes. */
    void replaceLedger(String... statements) {
        database.query(jdbc -> {
            for (String statement : statements) {
                jdbc.run(statement);
            }
            return null;
        });
    }

    /** Ends as a process does that is stopped in order. */
    void stop() {
        turns.end();
        kill();
    }

    /** Ends as a process does that is killed. */
    void kill() {
        turns.disconnect();
        database.close();
    }
}
