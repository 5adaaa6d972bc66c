// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.ledger.SteppedNode;
import center.bos.refund.model.Batch;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/**
 * Somebody who wants rows to be sent: a file, which is read from its beginning after a crash; a message, which comes again until
 * it is acknowledged, and perhaps once more; or a REST caller, who may give up.
 */
final class Sender {
    private final String id;
    private final Source source;
    private final String home;
    private final boolean again;
    private final boolean wantsReply;
    private final List<NewRow> rows;
    private final int piece;
    private Node node;
    private SteppedNode.Pending<?> pending;
    private String batch;
    private int next;
    private boolean told;
    private boolean gaveUp;

    private Sender(String id, Source source, String home, boolean again, boolean wantsReply, List<NewRow> rows,
            int piece) {
        this.id = id;
        this.source = source;
        this.home = home;
        this.again = again;
        this.wantsReply = wantsReply;
        this.rows = rows;
        this.piece = piece;
    }

    static Sender of(int number, Dice dice, int pairs, List<String> homes) {
        Source source = dice.pick(List.of(Source.values()));
        int count = switch (source) {
            case FILE -> dice.chance(0.3) ? dice.between(8, 14) : dice.between(1, 4);
            case REST -> 1;
            case JMS -> dice.between(1, 4);
        };
        List<NewRow> rows = new ArrayList<>();
        for (int line = 1; line <= count; line++) {
            boolean rejected = source != Source.REST && dice.chance(0.08);
            String zeros = dice.chance(0.2) ? "00" : "";
            rows.add(new NewRow(line, rejected ? "x" : zeros + (1 + dice.below(pairs)), "7",
                    rejected ? "no digits" : null));
        }
        return new Sender(source.name().toLowerCase(Locale.ROOT) + number, source,
                source == Source.FILE ? dice.pick(homes) : null, dice.chance(0.15),
                source == Source.JMS && dice.chance(0.8),
                rows, dice.between(1, 5));
    }

    boolean isOver() {
        return told || gaveUp;
    }

    /** Whether it waits for a process to do something, or for one to come. */
    boolean isWaiting(List<Node> nodes) {
        return node == null ? able(nodes).isEmpty() : pending != null && !pending.isOver() && !node.isGone();
    }

    /** Comes once more with what was accepted already. */
    void repeat() {
        if (told) {
            told = false;
            next = 0;
            node = null;
        }
    }

    /** One step. */
    void step(Dice dice, List<Node> nodes, Promise promise) {
        if (node != null && node.isGone()) {
            beginAgain();
            gaveUp = source == Source.REST && dice.chance(0.3);
            return;
        }
        if (node == null) {
            List<Node> able = able(nodes);
            if (able.isEmpty()) {
                return;
            }
            node = dice.pick(able);
        }
        try {
            if (pending == null) {
                pending = node.handIn(this::next);
            } else if (pending.isOver()) {
                heard(promise);
            }
        } catch (LedgerUnavailable e) {
            beginAgain();
        }
    }

    private List<Node> able(List<Node> nodes) {
        return nodes.stream().filter(n -> n.isAble() && (home == null || n.name().equals(home))).toList();
    }

    private SteppedNode.Pending<?> next(SteppedNode process) {
        if (source == Source.FILE && batch == null) {
            return process.register(id, "sha-" + id, rows.size(), again);
        }
        return process.accept(new Submission(source == Source.FILE ? batch : id, source, again, rows,
                wantsReply ? "queue" : null), rows.subList(next, end()));
    }

    private int end() {
        return Math.min(rows.size(), next + piece);
    }

    private void heard(Promise promise) {
        Object result = pending.result();
        pending = null;
        if (result instanceof Batch registered) {
            batch = registered.id();
            return;
        }
        promise.acknowledged(source == Source.FILE ? batch : id, next + 1, end());
        next = end();
        told = next == rows.size();
    }

    private void beginAgain() {
        node = null;
        pending = null;
        next = 0;
        if (!told) {
            batch = null;
        }
    }

    @Override
    public String toString() {
        return id + (again ? " again" : "");
    }
}
