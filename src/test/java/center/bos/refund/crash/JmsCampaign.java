// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.TimeLimit;

/**
 * Over each JMS provider: kills at each point that messages come by, and messages that are delivered again, with and without
 * a duplicate window, by a broker that lived on and by one that was killed too. Those around the acknowledgement are first,
 * and done whatever the time; {@code -Dseed} repeats the order of a run.
 */
class JmsCampaign {
    /** Of the campaign's time: it shares its JVM with another. */
    private static final double PART = 0.6;
    private static final Map<KillPoint, Integer> AROUND_THE_ACKNOWLEDGEMENT = new TreeMap<>(
            Map.of(KillPoint.MESSAGE_ACCEPTED, 20,
                    KillPoint.ACKNOWLEDGED, 20));
    private static final Map<KillPoint, Integer> ELSEWHERE = new TreeMap<>(Map.of(KillPoint.TURN_WRITTEN, 30,
            KillPoint.TURN_COMMITTED, 30, KillPoint.TAKEN, 400, KillPoint.REQUEST_WRITTEN, 400,
            KillPoint.SETTLE_DURABLE, 20, KillPoint.DELIVERED, 400, KillPoint.DELIVERED_MARKED, 5));

    @TempDir
    Path folder;
    private final Random random = new Random(Long.getLong("seed", System.nanoTime()));
    private final Map<JmsProvider, JmsKills> sites = new EnumMap<>(JmsProvider.class);

    /** Something that must hold. */
    @FunctionalInterface
    private interface Case {
        void run() throws Exception;
    }

    @AfterEach
    void stop() {
        sites.values().forEach(JmsKills::close);
    }

    @Test
    void losesNoMessageAndSendsNothingTwiceOverAnyProvider() throws Exception {
        TimeLimit limit = TimeLimit.ofCampaign(PART);
        Map<String, Case> needed = new LinkedHashMap<>();
        Map<String, Case> more = new LinkedHashMap<>();
        for (JmsProvider provider : JmsProvider.values()) {
            AROUND_THE_ACKNOWLEDGEMENT.forEach((point, times) -> kill(needed, provider, point, times));
            ELSEWHERE.forEach((point, times) -> kill(more, provider, point, times));
            for (boolean withTheBroker : new boolean[]{false, true}) {
                redeliver(needed, provider, "0", withTheBroker);
                redeliver(more, provider, "24h", withTheBroker);
            }
        }
        int done = 0;
        for (Map.Entry<String, Case> one : shuffled(needed)) {
            run(one, ++done);
        }
        for (Map.Entry<String, Case> one : shuffled(more)) {
            if (!limit.isOver()) {
                run(one, ++done);
            }
        }
        System.out.printf("%d of %d: no message lost, nothing sent twice.%n", done, needed.size() + more.size());
    }

    private List<Map.Entry<String, Case>> shuffled(Map<String, Case> cases) {
        List<Map.Entry<String, Case>> all = new ArrayList<>(cases.entrySet());
        Collections.shuffle(all, random);
        return all;
    }

    private static void run(Map.Entry<String, Case> one, int number) {
        try {
            one.getValue().run();
        } catch (Exception | AssertionError e) {
            throw new AssertionError(one.getKey(), e);
        }
        System.out.printf("%tT %d. %s%n", System.currentTimeMillis(), number, one.getKey());
    }

    private void kill(Map<String, Case> cases, JmsProvider provider, KillPoint point, int times) {
        cases.put(provider + ": killed " + point.description(), () -> sites
                .computeIfAbsent(provider, its -> new JmsKills(its, folder.resolve(its.name())))
                .kill(point, 1 + random.nextInt(times)));
    }

    /** One that all kinds of senders reach. */
    private static BrokerProcess broker(JmsProvider receiver, Path folder) {
        return receiver == JmsProvider.CLASSIC
                ? receiver.start(folder)
                : BrokerProcess.startWithAllProtocols(folder);
    }

    private void redeliver(Map<String, Case> cases, JmsProvider receiver, String window, boolean withTheBroker) {
        String name = receiver + ": delivered again, window " + window + (withTheBroker ? ", the broker killed" : "");
        cases.put(name, () -> {
            Path own = folder.resolve("redelivery-" + receiver + "-" + window + "-" + withTheBroker);
            try (BosServer bos = BosServer.start(); BrokerProcess broker = broker(receiver, own.resolve("broker"))) {
                new JmsRedelivery(receiver, window, broker, bos, own).run(withTheBroker).close();
            }
        });
    }
}
