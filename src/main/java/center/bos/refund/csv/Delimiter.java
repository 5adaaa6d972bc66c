// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What separates the fields of a file.
 *
 * @param character comma, semicolon or tab
 * @param isTold whether a first line {@code sep=;} names it, as in Excel; that line is not a record
 */
record Delimiter(char character, boolean isTold) {
    private static final String ALL = ",;\t";
    private static final Pattern TOLD = Pattern.compile("\\A\"?(?i:sep)=([^\r\n])\"?(?=[\r\n]|\\z)");

    /** The delimiter that a file's first line names, else the one that fits its header. */
    static Delimiter of(Path file, String head) throws CsvRefused, IOException {
        Matcher told = TOLD.matcher(head);
        if (!told.lookingAt()) {
            return new Delimiter(seen(head), false);
        }
        char character = told.group(1).charAt(0);
        if (ALL.indexOf(character) < 0) {
            throw new CsvRefused(file,
                    "line 1: sep= names a delimiter that is not read: use a comma, a semicolon or a tab");
        }
        return new Delimiter(character, true);
    }

    /** The one with which the first record names the needed columns, else the one with most columns. */
    private static char seen(String head) throws IOException {
        char best = ALL.charAt(0);
        int most = 0;
        for (char character : ALL.toCharArray()) {
            Records records = records(head, character);
            if (!records.next()) {
                continue;
            }
            if (Header.namesBoth(records.fields())) {
                return character;
            }
            int count = records.fields().size() + (records.fault() != null ? 1 : 0); // the field with the fault
            if (count > most) {
                most = count;
                best = character;
            }
        }
        return best;
    }

    /** The line whose record names the needed columns, with any delimiter, or 0 if none of the first ones does. */
    static long lineOfHeader(String head) throws IOException {
        for (char character : ALL.toCharArray()) {
            Records records = records(head, character);
            for (int i = 0; i < Header.MOST_TITLES && records.next(); i++) {
                if (Header.namesBoth(records.fields())) {
                    return records.line();
                }
            }
        }
        return 0;
    }

    private static Records records(String head, char character) throws IOException {
        return new Records(new ReplayText(new StringReader(head)), new Delimiter(character, false));
    }
}
