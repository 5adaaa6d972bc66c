// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.ledger.SteppedNode;
import center.bos.refund.model.Batch;
import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.DueRow;

/** One process of a node, with its calls in flight. It is frozen for a while now and then, and killed sooner or later. */
final class Node {
    private static final long PAUSE = 500_000_000;

    private final Simulation world;
    private final String name;
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Hand> hands = new HashMap<>();
    private SteppedNode process;
    private boolean gone;
    private boolean suspended;
    private SteppedNode.Pending<Optional<Batch>> stop;
    private SteppedNode.Pending<Boolean> sweep;
    /** Until then it does nothing, in the run's nanoseconds. */
    long frozenUntil;
    /** Another process has been started in its place. */
    boolean isOld;

    Node(Simulation world, String name) {
        this.world = world;
        this.name = name;
        for (String channel : SteppedNode.channels()) {
            hands.put(channel, new Hand(channel));
        }
    }

    String name() {
        return name;
    }

    void start(SteppedNode started) {
        process = started;
    }

    boolean isStarted() {
        return process != null;
    }

    SteppedNode process() {
        return process;
    }

    List<Call> calls() {
        return calls;
    }

    void begin(DueRow row) {
        world.promise().begun(row);
        calls.add(new Call(row));
    }

    void killed() {
        gone = true;
        calls.clear();
    }

    boolean isGone() {
        return gone;
    }

    boolean isAble() {
        return !gone && process != null && world.now() >= frozenUntil;
    }

    SteppedNode.Pending<?> handIn(Function<SteppedNode, SteppedNode.Pending<?>> write) {
        return write.apply(process);
    }

    void turn() {
        process.turn();
        if (process.isReplaced()) {
            BrokenPromise.unless(isOld, "node %s takes itself for replaced, and is not", name);
            world.kill(this);
        }
    }

    /** Rows are taken no more, or again. */
    void suspend(boolean off) {
        suspended = off;
        process.callWith(off ? null : this::begin);
    }

    boolean isSuspended() {
        return suspended;
    }

    /** The next step of a call: token, lease and request; or what came of it. */
    void step(Call call) {
        if (call.verdict == null) {
            if (world.bos().fails(call, world.now())) {
                return;
            }
            if (!process.holds(call.row)) {
                Bos.notSent(call, BosAnswer.Kind.NOT_SENT, world.now());
                return;
            }
            world.promise().posts(call, this);
            world.bos().post(call, Promise.key(call.row.number(), call.row.line()), world.now());
        } else if (world.now() >= call.answerAt) {
            calls.remove(call);
            world.promise().heard(call);
            process.settle(call.row, call.answer, call.verdict);
        }
    }

    /** A person stops a batch, or lets it go on. */
    void stop(SteppedNode.Pending<Optional<Batch>> asked) {
        stop = asked;
    }

    /** Tells the person, and applies the next piece of stops to rows. */
    void sweep() {
        if (stop != null && stop.isOver()) {
            try {
                stop.result().filter(batch -> batch.stop() != null)
                        .ifPresent(batch -> world.promise().stopAnswered(this, batch.number()));
            } catch (LedgerUnavailable e) {
                // nobody was told anything
            }
            stop = null;
        }
        if (sweep == null || sweep.isOver()) {
            try {
                sweep = process.sweep().orElse(null);
            } catch (LedgerUnavailable e) {
                sweep = null; // tried again later
            }
        }
    }

    /** Says that a batch's results are written. */
    void complete() {
        try {
            List<String> finished = process.finished();
            if (!finished.isEmpty()) {
                process.complete(finished.get(0), Instant.ofEpochMilli(world.now() / 1_000_000));
            }
        } catch (LedgerUnavailable e) {
            return; // looked for again later
        }
    }

    void handOver(String channel) {
        try {
            hands.get(channel).step();
        } catch (LedgerUnavailable e) {
            hands.put(channel, new Hand(channel)); // as the consumer does
        }
    }

    /** Hands the outcomes of one channel over, as OutcomesConsumer does. */
    private final class Hand {
        private final String channel;
        private SteppedNode.Pending<Boolean> lease;
        private List<SteppedNode.Message> messages;
        private final List<Long> done = new ArrayList<>();
        private int next;
        private SteppedNode.Pending<int[]> noted;
        private long pausesUntil;

        Hand(String channel) {
            this.channel = channel;
        }

        void step() {
            if (world.now() < pausesUntil) {
                return;
            }
            if (noted != null) {
                if (noted.isOver()) {
                    noted.result();
                    beginAgain();
                }
            } else if (messages != null) {
                handOver();
            } else if (!world.isShared()) {
                read();
            } else if (lease == null) {
                lease = process.lease(channel);
            } else if (lease.isOver()) {
                if (lease.result()) {
                    read();
                } else {
                    lease = null;
                    pausesUntil = world.now() + PAUSE;
                }
            }
        }

        private void read() {
            messages = process.owed(channel, 3);
            pausesUntil = messages.isEmpty() ? world.now() + PAUSE : 0;
        }

        private void handOver() {
            if (next < messages.size() && !world.isChannelDown()) {
                SteppedNode.Message message = messages.get(next++);
                if (message.outcome() == null) {
                    process.outcomes(message.batch()).ifPresentOrElse(
                            outcomes -> world.promise().replied(message.number(), message.batch(), outcomes),
                            () -> world.promise().notReplied(message.number(), message.batch()));
                } else {
                    world.promise().delivered(channel, message.number(), message.outcome());
                }
                done.add(message.number());
            } else if (done.isEmpty()) {
                beginAgain();
            } else {
                noted = process.delivered(List.copyOf(done));
            }
        }

        private void beginAgain() {
            noted = null;
            lease = null;
            messages = null;
            next = 0;
            done.clear();
        }
    }

    @Override
    public String toString() {
        return name + (isOld ? " (old)" : "");
    }
}
