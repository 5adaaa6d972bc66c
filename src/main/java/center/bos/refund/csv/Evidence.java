// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import center.bos.refund.model.Invisible;
import center.bos.refund.model.Outcome;

/**
 * The outcomes in a result file that is dropped again: a row whose {@code outcome} is not ERROR, REJECTED or blank may have been
 * texted, however long ago.
 *
 * @param outcome index of that column, or -1 where the file has none
 * @param message index of the added column {@code message}, or -1
 * @param isOurs whether a result file added the column, so that it holds outcomes only
 */
record Evidence(int outcome, int message, boolean isOurs) {
    private static final Set<String> TO_SEND = Set.of("", Outcome.ERROR.name(), Outcome.REJECTED.name());
    private static final Set<String> SENT = Set.of(Outcome.SUCCESS.name(), Outcome.IN_DOUBT.name(),
            Outcome.DUPLICATE.name());
    private static final String SAYS = "the file says ";
    private static final int MOST = 300;

    /**
     * Finds the columns.
     *
     * @param own number of the file's own columns, before those that a result file added
     */
    static Evidence columns(List<String> names, int own) {
        boolean isOurs = own < names.size();
        return new Evidence(last(names, "outcome"), isOurs ? last(names, "message") : -1, isOurs);
    }

    private static int last(List<String> names, String name) {
        List<Integer> positions = Header.positions(names, name);
        return positions.isEmpty() ? -1 : positions.get(positions.size() - 1);
    }

    /** Why the row with these fields must not be sent again without a person's request, or null. */
    String against(List<String> fields) {
        String said = said(fields);
        if (!SENT.contains(said)) {
            return null;
        }
        String why = Invisible.stripped(cell(fields, message));
        if (why.contains(SAYS)) { // it was dropped before
            return shortened(why.substring(why.indexOf(SAYS)));
        }
        return SAYS + said + (why.isEmpty() ? "" : ": " + shortened(why));
    }

    /** Why the row's outcome cannot be understood, or null. */
    String rejection(List<String> fields) {
        String said = said(fields);
        return !isOurs || TO_SEND.contains(said) || SENT.contains(said)
                ? null
                : "outcome is not one of SUCCESS, ERROR, IN_DOUBT, DUPLICATE, REJECTED: empty the cell to send the row";
    }

    private String said(List<String> fields) {
        return Invisible.stripped(cell(fields, outcome)).toUpperCase(Locale.ROOT);
    }

    private static String cell(List<String> fields, int column) {
        return column >= 0 && column < fields.size() ? fields.get(column) : "";
    }

    private static String shortened(String text) {
        return text.length() <= MOST ? text : text.substring(0, MOST) + "…";
    }
}
