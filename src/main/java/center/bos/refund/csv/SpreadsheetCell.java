// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.util.regex.Pattern;

/** Keeps spreadsheets from running a cell as a formula (CSV injection). */
final class SpreadsheetCell {
    /** Includes the full-width forms, which run as formulas in East Asian editions. */
    private static final String FORMULA_STARTS = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /** An amount or a telephone number, which a spreadsheet shows and does not run. */
    private static final Pattern NUMBER = Pattern.compile("[+-][0-9]+([.,][0-9]+)*");

    private SpreadsheetCell() {
    }

    /** The text, with a leading apostrophe where a spreadsheet would run it as a formula; null stays null. */
    static String defused(String text) {
        return text != null && runs(text) ? "'" + text : text;
    }

    /** The original text of a defused cell. */
    static String original(String cell) {
        return cell.startsWith("'") && runs(cell.substring(1)) ? cell.substring(1) : cell;
    }

    private static boolean runs(String text) {
        if (text.isEmpty()) {
            return false;
        }
        char first = text.charAt(0);
        if (first == '\t' || first == '\r' || first == '\n') {
            return true;
        }
        int i = 0;
        while (i < text.length() && skipped(text.charAt(i))) {
            i++;
        }
        return i < text.length() && FORMULA_STARTS.indexOf(text.charAt(i)) >= 0 && !NUMBER.matcher(text).matches();
    }

    /** Some programs trim a cell first, and some drop invisible characters. */
    private static boolean skipped(char c) {
        return c <= ' ' || c == '\uFEFF' || c == '\u200B' || Character.isSpaceChar(c);
    }
}
