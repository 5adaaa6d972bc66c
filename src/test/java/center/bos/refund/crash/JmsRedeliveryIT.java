// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.nio.file.Path;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.RestService;

/** A message that is delivered again is told from a new one, whichever client sent it; {@link JmsCampaign} has all receivers. */
class JmsRedeliveryIT {
    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrokerProcess artemis;

    @BeforeAll
    static void start() {
        bos = BosServer.start();
        artemis = BrokerProcess.startWithAllProtocols(folder.resolve("artemis"));
    }

    @AfterAll
    static void stop() {
        artemis.close();
        bos.close();
    }

    @ParameterizedTest
    @CsvSource({"ARTEMIS, false", "AMQP, true"})
    void aMessageThatWasCalledAndComesAgainIsInDoubtOnce(JmsProvider receiver, boolean withTheBroker) throws Exception {
        JmsRedelivery redelivery = new JmsRedelivery(receiver, "0", artemis, bos, folder.resolve(receiver.name()));
        try (RestService service = redelivery.run(withTheBroker)) {
            redelivery.whatNothingTellsApartIsPutAside(service);
        }
    }
}
