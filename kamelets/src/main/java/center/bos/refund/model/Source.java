// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

/** Where a batch came from. */
public enum Source {
    /** A CSV file of the inbox, a command, an upload or an SFTP server: it has an archived file and gets results. */
    FILE,
    /** A single refund over REST, whose caller gets the outcome as the answer. */
    REST,
    /** A JMS message, whose sender may have asked for a reply. */
    JMS
}
