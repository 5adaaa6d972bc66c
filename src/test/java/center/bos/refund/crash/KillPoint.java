package center.bos.refund.crash;

import java.util.random.RandomGenerator;

/** A named place in the pipeline at which the process is killed, on one of the times that it comes by. */
enum KillPoint {
    STARTED_SWEEP("at a restart, before the claims of the run before are put in doubt durably", "AT EXIT", 1,
            "center.bos.refund.ledger.Epochs",
            "doubt"), STARTED_BROKER("at a restart, when the broker has read its journal", "AT EXIT", 1,
                    "org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ",
                    "start"), REGISTERED("when a file is in the ledger and not yet in the archive", "AT EXIT", 1,
                            "center.bos.refund.ledger.Batches",
                            "register"), ARCHIVED("when a file is in the archive and no chunk is queued", "AT EXIT", 1,
                                    "center.bos.refund.batch.DurableFile", "move"), FILE_READ("while the file is read",
                                            "AT EXIT", 4, "center.bos.refund.batch.BatchChunks$Chunks",
                                            "chunk"), CHUNK_QUEUED("after a chunk is queued", "AT EXIT", 4,
                                                    "org.apache.activemq.artemis.jms.client.ActiveMQMessageProducer",
                                                    "doSendx"), COMMIT_BEGUN(
                                                            "when a group of claims and outcomes is written and not committed",
                                                            "AT INVOKE commit", 40,
                                                            "center.bos.refund.ledger.GroupCommit",
                                                            "commit"), COMMIT_DONE(
                                                                    "when a group is durable and nobody was told",
                                                                    "AT EXIT", 40,
                                                                    "center.bos.refund.ledger.GroupCommit",
                                                                    "commit"), CLAIM_DURABLE("after a claim is durable",
                                                                            "AT EXIT", 700,
                                                                            "center.bos.refund.ledger.Ledger",
                                                                            "claim"), REQUEST_BEGUN(
                                                                                    "when the request's head is made and not written",
                                                                                    "AT EXIT", 700,
                                                                                    "org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection",
                                                                                    "sendRequestHeader"), REQUEST_WRITTEN(
                                                                                            "after the request is written",
                                                                                            "AT EXIT", 700,
                                                                                            "org.apache.hc.core5.http.impl.io.BHttpConnectionBase",
                                                                                            "flush"), ANSWERED(
                                                                                                    "after the answer",
                                                                                                    "AT EXIT", 700,
                                                                                                    "center.bos.refund.bos.SingleCallClient",
                                                                                                    "whole"), OUTCOME_DURABLE(
                                                                                                            "after the outcome is durable",
                                                                                                            "AT EXIT",
                                                                                                            700,
                                                                                                            "center.bos.refund.ledger.Ledger",
                                                                                                            "settle"), PUBLISHING(
                                                                                                                    "while a chunk's outcomes are handed to their channels",
                                                                                                                    "AT EXIT",
                                                                                                                    700,
                                                                                                                    "center.bos.refund.queue.OutcomeMessage",
                                                                                                                    "process"), BEFORE_ACKNOWLEDGEMENT(
                                                                                                                            "before the acknowledgement",
                                                                                                                            "AT ENTRY",
                                                                                                                            4,
                                                                                                                            "org.apache.activemq.artemis.jms.client.ActiveMQSession",
                                                                                                                            "commit"), ACKNOWLEDGED(
                                                                                                                                    "after the acknowledgement",
                                                                                                                                    "AT EXIT",
                                                                                                                                    4,
                                                                                                                                    "org.apache.activemq.artemis.jms.client.ActiveMQSession",
                                                                                                                                    "commit"), RESULT_ROWS(
                                                                                                                                            "while the result files are written",
                                                                                                                                            "AT EXIT",
                                                                                                                                            700,
                                                                                                                                            "center.bos.refund.csv.CsvResultWriter",
                                                                                                                                            "write"), SUCCESS_RENAMED(
                                                                                                                                                    "between the renames of success.csv and error.csv",
                                                                                                                                                    "AFTER INVOKE DurableFile.move 1",
                                                                                                                                                    1,
                                                                                                                                                    "center.bos.refund.batch.ResultFiles",
                                                                                                                                                    "process"), ERROR_RENAMED(
                                                                                                                                                            "between the rename of error.csv and summary.json",
                                                                                                                                                            "AFTER INVOKE DurableFile.move 2",
                                                                                                                                                            1,
                                                                                                                                                            "center.bos.refund.batch.ResultFiles",
                                                                                                                                                            "process"), SUMMARY_WRITTEN(
                                                                                                                                                                    "between summary.json and the ledger's 'complete'",
                                                                                                                                                                    "AT EXIT",
                                                                                                                                                                    1,
                                                                                                                                                                    "center.bos.refund.batch.SummaryFile",
                                                                                                                                                                    "write"), COMPLETED(
                                                                                                                                                                            "after the ledger's 'complete'",
                                                                                                                                                                            "AT EXIT",
                                                                                                                                                                            1,
                                                                                                                                                                            "center.bos.refund.ledger.Batches",
                                                                                                                                                                            "complete"), JOURNAL_TORN(
                                                                                                                                                                                    "in the middle of a write to the broker's journal",
                                                                                                                                                                                    "AT EXIT",
                                                                                                                                                                                    60,
                                                                                                                                                                                    "org.apache.activemq.artemis.core.io.nio.NIOSequentialFile",
                                                                                                                                                                                    "internalWrite");

    /** Arms the rules of a process whose working folder holds it. */
    static final String ARMED = "armed";

    private static final String RULE = """
            RULE %1$s
            CLASS %2$s
            METHOD %3$s
            %4$s
            BIND armed = new java.io.File("armed")
            IF armed.exists() AND incrementCounter("hits") == %5$d
            DO java.lang.Runtime.getRuntime().exec("kill -9 " + java.lang.ProcessHandle.current().pid()).waitFor();
               java.lang.Thread.sleep(60000)
            ENDRULE
            """;
    /** Only the first half of the bytes reaches the file, as when the process is killed inside a write of two blocks. */
    private static final String TEAR = """
            RULE TEAR
            CLASS %1$s
            METHOD %2$s
            AT ENTRY
            BIND armed = new java.io.File("armed")
            IF armed.exists() AND incrementCounter("tears") == %3$d
            DO $1.limit($1.position() + $1.remaining() / 2)
            ENDRULE
            """;

    private final String description;
    private final String location;
    private final int times;
    private final String type;
    private final String method;

    KillPoint(String description, String location, int times, String type, String method) {
        this.description = description;
        this.location = location;
        this.times = times;
        this.type = type;
        this.method = method;
    }

    /** What the process is doing there, for a reader. */
    String description() {
        return description;
    }

    /** Whether a process comes by before it takes a new file. */
    boolean atStart() {
        return this == STARTED_SWEEP || this == STARTED_BROKER;
    }

    /** One of the times that a batch of 800 rows comes by. */
    int anyTime(RandomGenerator random) {
        return 1 + random.nextInt(times);
    }

    /** The Byteman script that kills at that time. */
    String script(int time) {
        String kill = RULE.formatted(name(), type, method, location, time);
        return this == JOURNAL_TORN ? TEAR.formatted(type, method, time) + kill : kill;
    }
}
