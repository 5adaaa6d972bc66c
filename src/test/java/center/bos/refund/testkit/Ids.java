// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

/** Finds the two ids in a request's body without parsing the rest. */
final class Ids {

    private Ids() {
    }

    /** The pair as text, whether sent as numbers or as strings; an id that is missing is an empty text. */
    static Pair in(String body) {
        String reference = value(body, "\"referenceid\"");
        return new Pair(reference.isEmpty() ? value(body, "\"RegistrationID\"") : reference, value(body, "\"ackno\""));
    }

    private static String value(String body, String key) {
        int at = body.indexOf(key);
        if (at < 0) {
            return "";
        }
        int from = skipBlanks(body, at + key.length());
        if (from >= body.length() || body.charAt(from) != ':') {
            return "";
        }
        from = skipBlanks(body, from + 1);
        if (from < body.length() && body.charAt(from) == '"') {
            int quote = body.indexOf('"', from + 1);
            return quote < 0 ? "" : body.substring(from + 1, quote);
        }
        int to = from;
        while (to < body.length() && ",}] \t\r\n".indexOf(body.charAt(to)) < 0) {
            to++;
        }
        return body.substring(from, to);
    }

    private static int skipBlanks(String body, int from) {
        int at = from;
        while (at < body.length() && body.charAt(at) <= ' ') {
            at++;
        }
        return at;
    }
}
