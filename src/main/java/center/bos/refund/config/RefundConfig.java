// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Settings of this node: its folders, its pace and what it does with rows in doubt. Defaults: {@code application.properties}. */
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

    /** What becomes of a row whose call may or may not have been acted on. */
    InDoubt inDoubt();

    /** How long a pair that ended SUCCESS or IN_DOUBT is not sent again; 0 means it is always sent. */
    Duration duplicateWindow();

    /** How long an accepted batch waits for a person's {@code cancel}; 0 means not at all. */
    Duration hold();

    /** The hours in which calls may begin, such as {@code 09:00-20:00 Asia/Kolkata}; always where it is not set. */
    Optional<String> hours();

    /** Batches and resends of more rows wait for another person; none does where it is not set. */
    Optional<Long> releaseAbove();

    /** Age at which a finished batch's files and rows are erased; never where it is not set. */
    Optional<Duration> retention();

    /** Stable name of this node; by default the host's name. */
    String node();

    /** URL at which the other nodes of a shared ledger reach this one's REST interface; of {@code refund.http} where it is not set. */
    Optional<String> nodeUrl();

    /** The ERP's JMS broker, if there is one. */
    Broker broker();

    /** Where outcomes go. */
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

    /** Policy for rows in doubt. */
    enum InDoubt {
        /** The row ends IN_DOUBT and waits for a person. */
        HOLD,
        /** The row is sent once more. */
        RESEND
    }

    /** Camel endpoints that hear of outcomes. */
    interface Channel {
        /** Outcomes SUCCESS; none where it is not set. */
        Optional<String> success();

        /** Every other outcome; none where it is not set. */
        Optional<String> error();
    }

    /** The broker of the JMS trigger and channels. */
    interface Broker {
        /** URL of a broker, or {@code bean:} and the name of a connection factory; no JMS where it is not set. */
        Optional<String> url();

        /** Folder with the jars of another JMS provider's client. */
        Optional<Path> jars();

        /** User at the broker. */
        Optional<String> user();

        /** Password at the broker. */
        Optional<String> password();
    }

    /** Where the ledger lives. */
    interface LedgerUrl {
        /** JDBC URL; SQLite in the data folder where it is not set. */
        Optional<String> url();

        /** User at the database. */
        Optional<String> user();

        /** Password at the database. */
        Optional<String> password();
    }
}
