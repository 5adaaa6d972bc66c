// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

/**
 * A refund trigger.
 *
 * @param line the row's first line in its file, or its place in the message, counted from 1
 * @param referenceid digits, as text; of a rejected row what its sender gave, or empty
 * @param ackno digits, as text; of a rejected row what its sender gave, or empty
 * @param rejection why the row must not be sent and what to do about it, or null when it is good
 * @param evidence why its own file says that it was sent before, so that only a person may send it; or null
 */
public record NewRow(long line, String referenceid, String ackno, String rejection, String evidence) {

    /** Rejects ids that are none: a trigger of an integrator's own may not have looked. */
    public NewRow {
        rejection = rejection != null ? rejection : IdRule.rejection("referenceid", referenceid);
        rejection = rejection != null ? rejection : IdRule.rejection("ackno", ackno);
    }

    /** A row without evidence. */
    public NewRow(long line, String referenceid, String ackno, String rejection) {
        this(line, referenceid, ackno, rejection, null);
    }

    /** Whether the row must not be sent. */
    public boolean rejected() {
        return rejection != null;
    }

    /** The pair that identifies duplicates. */
    public Pair pair() {
        return Pair.of(referenceid, ackno);
    }
}
