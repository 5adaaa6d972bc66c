// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.util.regex.Pattern;

/** The form of an id: 1 to 18 digits, kept as text for its leading zeros. */
public final class IdRule {
    private static final int MAX_DIGITS = 18;
    private static final Pattern SCIENTIFIC = Pattern.compile("[+-]?\\d+([.,]\\d*)?[eE][+-]?\\d{1,3}");

    private IdRule() {
    }

    /** Why the id cannot be used and what to do, or null if it can; never repeats the id. */
    public static String rejection(String column, String id) {
        if (id.isEmpty()) {
            return column + " is empty: fill it in";
        }
        if (digitsOnly(id)) {
            return id.length() <= MAX_DIGITS
                    ? null
                    : column + " has " + id.length() + " digits: at most " + MAX_DIGITS + " are allowed";
        }
        if (id.length() <= 40 && SCIENTIFIC.matcher(id).matches()) {
            return column + " is in a spreadsheet's scientific notation (like 1.23457E+10), which has lost digits:"
                    + " format the column as text, fill in the full number and save again";
        }
        if (id.charAt(0) == '\'' && digitsOnly(id.substring(1))) {
            return column + " starts with an apostrophe: check the row, then remove it";
        }
        String invisible = Invisible.firstIn(id);
        if (invisible != null) {
            return column + " must hold digits only and holds the invisible character " + invisible
                    + ": type the digits anew";
        }
        return column + " must hold digits only, 1 to " + MAX_DIGITS + " of them";
    }

    /** Whether a text is one or more of the digits 0 to 9. */
    public static boolean digitsOnly(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
