// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.util.Locale;
import java.util.stream.Collectors;

/** Invisible characters in a cell: blanks of every kind, zero-width characters, byte order marks. */
public final class Invisible {
    /** Reverses the text behind it, so that a person sees something else than the cell holds. */
    private static final char RIGHT_TO_LEFT_OVERRIDE = '\u202E';

    private Invisible() {
    }

    /** Whether removing this character from the ends of a name or an id changes nothing that a person sees. */
    public static boolean is(char c) {
        if (c > ' ' && c < '\u007F') {
            return false;
        }
        return Character.isWhitespace(c) || Character.isSpaceChar(c)
                || Character.getType(c) == Character.FORMAT && c != RIGHT_TO_LEFT_OVERRIDE;
    }

    /** The text without the invisible characters at its ends. */
    public static String stripped(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && is(text.charAt(start))) {
            start++;
        }
        while (end > start && is(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** The text without those at its ends; others, except plain spaces, are shown by code point, such as {@code <U+200B>}. */
    public static String named(String text) {
        return stripped(text).chars().mapToObj(c -> (char) c)
                .map(c -> isNamed(c) ? "<" + codePoint(c) + ">" : c.toString()).collect(Collectors.joining());
    }

    /** The code point of the first invisible character inside a text, except plain spaces, or null. */
    public static String firstIn(String text) {
        return text.chars().mapToObj(c -> (char) c).filter(Invisible::isNamed).map(Invisible::codePoint).findFirst()
                .orElse(null);
    }

    private static boolean isNamed(char c) {
        return c != ' ' && (is(c) || Character.isISOControl(c) || c == RIGHT_TO_LEFT_OVERRIDE);
    }

    private static String codePoint(char c) {
        return String.format(Locale.ROOT, "U+%04X", (int) c);
    }
}
