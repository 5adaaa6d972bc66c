// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.BosAnswer.Kind;
import center.bos.refund.model.Verdict;

/** BOS, which remembers every request that it received, and answers as the seed wants it. */
final class Bos {
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(20);

    private final Dice dice;
    private final Map<String, List<Call.Post>> posts = new HashMap<>();
    private final int[] weights;
    private final boolean slow;
    boolean isDown;
    boolean isWell;

    Bos(Dice dice) {
        this.dice = dice;
        this.slow = dice.chance(0.3);
        weights = new int[]{30, dice.below(20), dice.below(15), dice.below(8), dice.below(6), dice.below(6),
                dice.below(8), dice.below(8), dice.below(4)};
    }

    /** What was received for a row. */
    List<Call.Post> posts(String row) {
        return posts.getOrDefault(row, List.of());
    }

    /** Whether a call fails before anything is written. */
    boolean fails(Call call, long now) {
        if (isWell || !dice.chance(isDown ? 0.7 : 0.05)) {
            return false;
        }
        notSent(call, dice.chance(0.5) ? Kind.NO_TOKEN : Kind.NOT_SENT, now + dice.below(1_000_000_000L));
        return true;
    }

    static void notSent(Call call, Kind kind, long at) {
        call.answer = BosAnswer.none(kind, "nothing was sent");
        call.verdict = Verdict.UNREACHABLE;
        call.answerAt = at;
    }

    /** Receives a request, acts or does not, and decides what is to be heard of it and when. */
    void post(Call call, String row, long now) {
        int behaviour = isWell
                ? dice.weighted(8, 1, 1)
                : isDown ? dice.weighted(0, 0, 0, 0, 1, 1, 4, 4, 0) : dice.weighted(weights);
        boolean acted = false;
        switch (behaviour) {
            case 0 -> {
                acted = true;
                answer(call, reply(200, true, "1", null), Verdict.SUCCESS);
            }
            case 1 -> answer(call, reply(200, false, "3", null), Verdict.ERROR);
            case 2 -> answer(call, reply(200, false, "5", null), Verdict.RETRY);
            case 3 -> answer(call, reply(429, null, null, Duration.ofSeconds(dice.between(1, 90))), Verdict.RETRY);
            case 4 -> answer(call, reply(401, null, "6", null), Verdict.AUTH);
            case 5 -> answer(call, other(403), Verdict.UNREACHABLE);
            case 6 -> {
                acted = dice.chance(0.5);
                answer(call, other(500), Verdict.IN_DOUBT);
            }
            case 7 -> {
                acted = dice.chance(0.5);
                answer(call, BosAnswer.none(Kind.LOST, "no answer"), Verdict.IN_DOUBT);
            }
            default -> {
                acted = dice.chance(0.5);
                answer(call, reply(200, false, "1", null), Verdict.IN_DOUBT);
            }
        }
        call.post = new Call.Post(row, acted);
        posts.computeIfAbsent(row, r -> new ArrayList<>()).add(call.post);
        call.answerAt = now + (slow ? dice.below(25_000_000_000L) : dice.below(300_000_000L));
        if (call.answerAt - now > RESPONSE_TIMEOUT.toNanos()) {
            call.answerAt = now + RESPONSE_TIMEOUT.toNanos();
            answer(call, BosAnswer.none(Kind.LOST, "no answer in time"), Verdict.IN_DOUBT);
        }
    }

    private static void answer(Call call, BosAnswer answer, Verdict verdict) {
        call.answer = answer;
        call.verdict = verdict;
    }

    private static BosAnswer reply(int http, Boolean status, String code, Duration retryAfter) {
        return new BosAnswer(Kind.REPLY, http, status, code, "message", retryAfter, "{}");
    }

    private static BosAnswer other(int http) {
        return new BosAnswer(Kind.OTHER, http, null, null, "message", null, "<html>");
    }
}
