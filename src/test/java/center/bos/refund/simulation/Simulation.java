// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.ledger.SteppedNode;

/**
 * One run of one or two nodes over one database, on one thread, in which a seed decides all that is left to chance: what comes in,
 * what BOS answers, who does the next step, what time it is, and what breaks when. The same seed is the same run.
 */
final class Simulation implements SimulatedDatabase.Trouble {
    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final long BEGAN_AT = 1_800_000_000_000L;
    private static final int MOST_STEPS_TO_THE_END = 20_000;

    private final SimulatedDatabase database;
    private final Dice dice;
    private final Consumer<String> trace;
    private final Terms terms;
    private final boolean shared;
    private final List<String> names;
    private final Bos bos;
    private final Promise promise;
    private final List<Sender> senders = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    /** What each node's wall clock is off by, in milliseconds; the last is the database server's. */
    private final long[] off = new long[3];
    private final double killing;
    private final double losing;
    private final double refusing;
    private final double freezing;
    private final double jumping;
    private final double person;
    private final int stopping;
    private final int pairs;
    private long now;
    private int refusals;
    private boolean isCalm;

    Simulation(long seed, SimulatedDatabase database, Consumer<String> trace) {
        this.database = database;
        this.trace = trace;
        dice = new Dice(seed);
        terms = Terms.of(dice);
        shared = dice.chance(0.6);
        names = shared ? List.of("a", "b") : List.of("a");
        bos = new Bos(dice);
        promise = new Promise(database, terms, bos);
        killing = dice.chance(0.6) ? 0.02 : 0;
        losing = dice.chance(0.6) ? 0.06 : 0;
        refusing = dice.chance(0.4) ? 0.02 : 0;
        freezing = dice.chance(0.5) ? 0.03 : 0;
        jumping = dice.chance(0.3) ? 0.02 : 0;
        person = dice.chance(0.6) ? 0.03 : 0;
        stopping = dice.chance(0.5) ? 6 : 0;
        pairs = dice.between(2, 12);
        for (int i = dice.between(2, 6); i > 0; i--) {
            senders.add(Sender.of(senders.size(), dice, pairs, names));
        }
    }

    /** Runs to the end; throws {@link BrokenPromise} where something is not as it should be. */
    Promise run() {
        database.begin(() -> BEGAN_AT + now / MILLI + off[2], this);
        trace("%s, %d nodes", terms, names.size());
        try {
            for (int steps = dice.between(30, 110); steps > 0; steps--) {
                step();
            }
            comeToTheEnd();
            promise.atTheEnd();
            return promise;
        } catch (RuntimeException e) {
            throw new BrokenPromise("the ledger threw " + e, e);
        } finally {
            database.end();
        }
    }

    long now() {
        return now;
    }

    Bos bos() {
        return bos;
    }

    Promise promise() {
        return promise;
    }

    boolean isShared() {
        return shared;
    }

    boolean isChannelDown() {
        return !isCalm && dice.chance(0.1);
    }

    private void trace(String what, Object... values) {
        if (trace != null) {
            trace.accept(String.format("%8.3f s  ", now / 1e9) + String.format(what, values));
        }
    }

    // ---- steps

    private void step() {
        if (dice.chance(freezing)) {
            freeze();
        }
        if (dice.chance(jumping)) {
            jump();
        }
        if (dice.chance(refusing)) {
            refusals = dice.between(1, 12);
            trace("the disk refuses %d times", refusals);
        }
        if (dice.chance(0.02)) {
            bos.isDown = !bos.isDown;
        }
        if (dice.chance(killing) && !nodes.isEmpty()) {
            kill(dice.pick(nodes));
        }
        start();
        switch (dice.weighted(34, 26, 16, 10, 8, 2, 1, stopping)) {
            case 0 -> with(Node::turn, "turn");
            case 1 -> with(this::call, "call");
            case 2 -> send();
            case 3 -> pass();
            case 4 -> with(node -> node.handOver(dice.pick(SteppedNode.channels())), "hands over");
            case 5 -> with(Node::complete, "completes");
            case 6 -> with(node -> node.suspend(!node.isSuspended()), "suspends or resumes");
            default -> with(Node::sweep, "sweeps");
        }
        if (dice.chance(person)) {
            with(this::ask, "is asked by a person");
        }
        if (stopping > 0 && dice.chance(0.05)) {
            with(this::stop, "is asked to stop something, or to go on");
        }
    }

    private void with(Consumer<Node> step, String name) {
        List<Node> able = nodes.stream().filter(Node::isAble).toList();
        if (!able.isEmpty()) {
            with(dice.pick(able), step, name);
        }
    }

    private void with(Node node, Consumer<Node> step, String name) {
        trace("%s: %s", node, name);
        try {
            step.accept(node);
        } catch (Crash e) {
            kill(node);
        }
    }

    private void call(Node node) {
        if (!node.calls().isEmpty()) {
            node.step(dice.pick(node.calls()));
        }
    }

    private void send() {
        if (dice.chance(0.1)) {
            senders.add(Sender.of(senders.size(), dice, pairs, names));
        }
        Sender sender = dice.pick(senders);
        if (sender.isOver() && dice.chance(0.1)) {
            sender.repeat();
        }
        if (!sender.isOver()) {
            trace("%s", sender);
            sender.step(dice, nodes, promise);
        }
    }

    private void pass() {
        now += switch (dice.weighted(10, 6, 2, 1)) {
            case 0 -> dice.below(50 * MILLI);
            case 1 -> dice.below(SECOND);
            case 2 -> dice.below(5 * SECOND);
            default -> dice.below(20 * SECOND);
        };
    }

    private void ask(Node node) {
        List<Promise.Group> doubted = promise.batches().values().stream()
                .filter(group -> group.isComplete() && !promise.inDoubt(group).isEmpty()).toList();
        if (!doubted.isEmpty()) {
            Promise.Group group = dice.pick(doubted);
            Stored row = dice.pick(promise.inDoubt(group));
            trace("a person asks to send %s again", row);
            promise.asked(row.key());
            node.process().resend(group.id(), Set.of(row.line()));
        }
    }

    private void stop(Node node) {
        List<Promise.Group> open = promise.batches().values().stream().filter(group -> !group.isComplete()).toList();
        if (dice.chance(0.2)) {
            if (promise.isPaused(node.name())) {
                node.process().resumeNode();
            } else {
                node.process().pauseNode();
            }
        } else if (!open.isEmpty()) {
            Promise.Group group = dice.pick(open);
            SteppedNode process = node.process();
            node.stop(switch (dice.weighted(4, 3, 1)) {
                case 0 -> process.pause(group.id());
                case 1 -> process.resume(group.id());
                default -> process.cancel(group.id());
            });
            trace("a person asks %s to stop %s, or to let it go on", node, group.id());
        }
    }

    private void freeze() {
        List<Node> able = nodes.stream().filter(Node::isAble).toList();
        if (!able.isEmpty()) {
            Node node = dice.pick(able);
            node.frozenUntil = now + dice.below(40 * SECOND);
            trace("%s: frozen", node);
        }
    }

    private void jump() {
        int whose = dice.below(off.length);
        off[whose] += dice.chance(0.5) ? dice.below(3_600_000L) : -dice.below(20_000L);
        trace("wall clock %d is off by %d ms", whose, off[whose]);
    }

    void kill(Node node) {
        trace("%s: killed", node);
        node.killed();
        nodes.remove(node);
        database.kill(node);
    }

    /** Starts what does not run; where nodes share the ledger, perhaps in the place of one that is frozen. */
    private void start() {
        for (String name : names) {
            List<Node> running = nodes.stream().filter(node -> node.name().equals(name) && !node.isOld).toList();
            boolean replaces = shared && !isCalm && running.stream().anyMatch(node -> !node.isAble())
                    && dice.chance(0.05);
            if (running.isEmpty() && (isCalm || dice.chance(0.3)) || replaces) {
                running.forEach(node -> node.isOld = true);
                start(name);
            }
        }
    }

    private void start(String name) {
        Node node = new Node(this, name);
        trace("%s: starts", node);
        try {
            node.start(new SteppedNode(terms.of(name), shared, () -> database.connect(node, true),
                    () -> database.connect(node, false), new Clock(names.indexOf(name)),
                    dice::below, JSON, node::begin));
            nodes.add(node);
            trace("%s: has started", node);
        } catch (Crash e) {
            kill(node);
        } catch (LedgerUnavailable e) {
            trace("%s: cannot start: %s", node, e.getMessage());
            node.killed();
            database.kill(node);
        }
    }

    /** One machine's clocks. */
    private final class Clock implements SteppedNode.Time {
        private final int machine;

        Clock(int machine) {
            this.machine = machine;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(BEGAN_AT + now / MILLI + off[machine]);
        }

        @Override
        public long nanos() {
            return now + (machine + 1) * 1_000 * SECOND;
        }

        /** The others go on meanwhile. */
        @Override
        public void sleep(long millis) {
            for (int i = 0; i < 10; i++) {
                now += millis * MILLI / 10;
                if (dice.chance(0.7)) {
                    with(Node::turn, "turn");
                }
                with(Simulation.this::call, "call");
            }
        }
    }

    // ---- the end

    private void comeToTheEnd() {
        trace("from now on nothing breaks");
        isCalm = true;
        refusals = 0;
        bos.isWell = true;
        for (Node node : nodes) {
            if (dice.chance(0.2)) { // with what it has in flight, until after the others take it for dead
                node.frozenUntil = now + dice.below(40 * SECOND);
            }
            if (node.isSuspended()) {
                node.suspend(false);
            }
        }
        long until = now + 900 * SECOND;
        for (int i = 0; i < MOST_STEPS_TO_THE_END; i++) {
            start();
            boolean moved = false;
            for (Node node : List.copyOf(nodes)) {
                moved |= goOn(node);
            }
            for (Sender sender : senders) {
                if (!sender.isOver() && !sender.isWaiting(nodes)) {
                    sender.step(dice, nodes, promise);
                    moved = true;
                }
            }
            if (promise.isOver() && senders.stream().allMatch(Sender::isOver)
                    && nodes.stream().allMatch(node -> node.calls().isEmpty())) {
                return;
            }
            if (!moved) {
                now += toNext();
                BrokenPromise.unless(now < until, "it never ends: %s", promise.whatIsLeft());
            }
        }
        throw new BrokenPromise("it does not end: " + promise.whatIsLeft());
    }

    private boolean goOn(Node node) {
        if (!node.isAble()) {
            return false;
        }
        boolean moved = false;
        if (node.process().nanosToTurn() <= 0) {
            with(node, Node::turn, "turn");
            moved = node.isGone() || node.process().nanosToTurn() > 0;
        }
        for (Call call : List.copyOf(node.calls())) {
            if (call.verdict == null || now >= call.answerAt) {
                with(node, n -> n.step(call), "call");
                moved = true;
            }
        }
        if (!node.isGone() && promise.isOwing()) {
            SteppedNode.channels().forEach(node::handOver);
        }
        if (!node.isGone()) {
            node.complete();
            if (promise.isPaused(node.name())) {
                node.process().resumeNode();
            }
            promise.batches().values().stream().filter(group -> group.stopped().equals("paused") && !group.isComplete())
                    .forEach(group -> node.process().resume(group.id()));
            if (promise.isAnyStopped()) {
                node.sweep();
            }
        }
        return moved;
    }

    private long toNext() {
        long least = SECOND;
        for (Node node : nodes) {
            if (!node.isAble()) {
                least = Math.min(least, node.frozenUntil - now);
                continue;
            }
            least = Math.min(least, Math.max(node.process().nanosToTurn(), MILLI / 10));
            for (Call call : node.calls()) {
                least = Math.min(least, Math.max(call.answerAt - now, 1));
            }
        }
        return least;
    }

    // ---- what breaks

    @Override
    public void statement(Object process) throws SQLException {
        if (isCalm) {
            return;
        }
        if (refusals > 0) {
            refusals--;
            throw new SQLException("database or disk is full", null, 13);
        }
        if (killing > 0 && dice.chance(0.0005)) {
            throw new Crash();
        }
        if (shared && losing > 0 && dice.chance(0.002)) {
            throw new SQLException("could not serialize access", "40001");
        }
    }

    @Override
    public SimulatedDatabase.Fate commit(Object process) {
        if (isCalm) {
            return SimulatedDatabase.Fate.WELL;
        }
        Node node = (Node) process;
        if (node.isStarted() && dice.chance(0.005)) {
            node.suspend(!node.isSuspended());
            trace("%s: suspends or resumes in a commit", node);
        }
        SimulatedDatabase.Fate fate = dice.chance(killing)
                ? dice.pick(List.of(SimulatedDatabase.Fate.KILLED_BEFORE, SimulatedDatabase.Fate.KILLED_AFTER))
                : dice.chance(losing)
                        ? dice.pick(List.of(SimulatedDatabase.Fate.ANSWER_LOST, SimulatedDatabase.Fate.FAILED))
                        : SimulatedDatabase.Fate.WELL;
        if (fate != SimulatedDatabase.Fate.WELL) {
            trace("%s: commit %s", node, fate);
        }
        return fate;
    }

    @Override
    public void committed(Object process) {
        promise.look();
    }
}
