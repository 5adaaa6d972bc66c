// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Settings of this node ({@code refund.*}). Defaults: {@code application.properties}. */
@ConfigMapping(prefix = "refund")
public interface RefundConfig {

    /** Folder that holds the inbox, the outbox, the archive and the ledger. */
    Path data();

    /** Calls in flight on this node. */
    int concurrency();

    /** Calls per second on this node; 0 means no limit. */
    double rate();

    /** Repeats of a call that BOS said it did not act on. */
    Retry retry();

    /** Policy for rows in doubt. */
    InDoubt inDoubt();

    /** How long a pair that ended SUCCESS or IN_DOUBT is not sent again; 0: it is always sent. */
    Duration duplicateWindow();

    /** How long an accepted batch waits before its first call, so that a person can cancel it; 0: not at all. */
    Duration hold();

    /** The hours in which calls may begin, such as {@code 09:00-20:00 Asia/Kolkata}; not set: always. */
    Optional<String> hours();

    /** Batches and resends of more rows wait for another person; not set: none. */
    Optional<Long> releaseAbove();

    /** Age at which a finished batch's files and rows are erased; not set: never. */
    Optional<Duration> retention();

    /** Stable name of this node; by default the host's name. */
    String node();

    /** URL of this node's REST interface for the other nodes of a shared ledger; not set: from {@code refund.http}. */
    Optional<String> nodeUrl();

    /** The ERP's JMS broker, if there is one. */
    Broker broker();

    /** The channels for outcomes. */
    Channel channel();

    /** The ledger's database. */
    LedgerUrl ledger();

    /** Limits on repeats. */
    interface Retry {
        /** Repeats after the first call. */
        int max();

        /** Pause before the first repeat; it doubles with each further one. */
        Duration delay();

        /** Longest pause before a repeat, whatever {@code Retry-After} asks for. */
        Duration longest();
    }

    /** The policies for rows in doubt. */
    enum InDoubt {
        /** The row ends IN_DOUBT and waits for a person. */
        HOLD,
        /** The row is sent once more. */
        RESEND
    }

    /** Camel endpoints that receive outcomes. */
    interface Channel {
        /** Receives SUCCESS; not set: no channel. */
        Optional<String> success();

        /** Receives every other outcome; not set: no channel. */
        Optional<String> error();
    }

    /** The broker of the JMS trigger and channels. */
    interface Broker {
        /** URL of a broker, or {@code bean:} and the name of a connection factory; not set: no JMS. */
        Optional<String> url();

        /** Folder with the jars of another JMS provider's client. */
        Optional<Path> jars();

        /** User at the broker. */
        Optional<String> user();

        /** Password at the broker. */
        Optional<String> password();
    }

    /** The ledger's database. */
    interface LedgerUrl {
        /** JDBC URL; not set: SQLite in the data folder. */
        Optional<String> url();

        /** User at the database. */
        Optional<String> user();

        /** Password at the database. */
        Optional<String> password();
    }
}
