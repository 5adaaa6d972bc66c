// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of an answer: decoding, and what may be stored. */
final class AnswerText {
    private static final Pattern CHARSET = Pattern.compile("(?i)charset\\s*=\\s*\"?([\\w:.-]+)");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}&&[^\\n\\t]]");
    private static final Pattern BEARER = Pattern.compile("(?i)(bearer\\s+)[\\w.~+/=-]{8,}");
    private static final String MASK = "***";
    /** Length of a token that cannot be part of another word by chance. */
    private static final int SHORTEST = 8;

    private AnswerText() {
    }

    /** Decodes the bytes by their byte order mark, else by the charset that the answer names, else as UTF-8. */
    static String decoded(byte[] bytes, String contentType) {
        String text = new String(bytes, charset(bytes, contentType));
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static Charset charset(byte[] bytes, String contentType) {
        if (bytes.length >= 2) {
            // the second is a zero where plain ASCII comes as UTF-16 without a mark
            if (bytes[0] == (byte) 0xFE && bytes[1] == (byte) 0xFF || bytes[0] == 0 && bytes[1] != 0) {
                return StandardCharsets.UTF_16BE;
            }
            if (bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xFE || bytes[0] != 0 && bytes[1] == 0) {
                return StandardCharsets.UTF_16LE;
            }
            if (bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB) {
                return StandardCharsets.UTF_8;
            }
        }
        if (contentType == null || contentType.indexOf('=') < 0) {
            return StandardCharsets.UTF_8;
        }
        Matcher named = CHARSET.matcher(contentType);
        try {
            return named.find() ? Charset.forName(named.group(1)) : StandardCharsets.UTF_8;
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }

    /**
     * The text without the token, in case the server repeats it, and safe for a database and a terminal.
     *
     * @param longest number of characters after which it is cut
     */
    static String presentable(String text, String token, int longest) {
        String safe = text;
        if (token != null && !token.isEmpty()) {
            safe = without(token.replace("/", "\\/"), without(token, safe));
        }
        if (isHarmless(safe)) { // nearly every answer, and it costs no pattern
            return cut(safe, longest);
        }
        safe = BEARER.matcher(safe).replaceAll("$1" + MASK);
        // through UTF-8, which has no halves of a surrogate pair
        String whole = new String(cut(safe, longest).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        return UNPRINTABLE.matcher(whole).replaceAll(" ");
    }

    /** A token as short as a syllable, as of a test server, is masked only where it is a word, or BOS' messages could not be read. */
    private static String without(String token, String text) {
        if (token.length() >= SHORTEST || !text.contains(token)) {
            return text.replace(token, MASK);
        }
        return Pattern.compile("(?<!\\w)" + Pattern.quote(token) + "(?!\\w)").matcher(text).replaceAll(MASK);
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + "…";
    }

    /** Whether it is printable ASCII and has no word that looks like a bearer token. */
    private static boolean isHarmless(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean printable = c >= ' ' && c <= '~' || c == '\n' || c == '\t';
            if (!printable || (c == 'b' || c == 'B') && text.regionMatches(true, i, "bearer", 0, 6)) {
                return false;
            }
        }
        return true;
    }
}
