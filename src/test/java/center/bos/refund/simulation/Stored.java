// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

/** A row as the database holds it. */
record Stored(String key, long batch, long line, String pair, Long epoch, String outcome, int doubts, int attempts,
        int retries, long dueAt, long acceptedAt, long answeredAt, String repeats, String words) {

    private static final String SEPARATOR = "\u001f";

    static Stored read(String key, String text) {
        String[] part = text.split(SEPARATOR, -1);
        int slash = key.indexOf(':');
        return new Stored(key, Long.parseLong(key.substring(1, slash)), Long.parseLong(key.substring(slash + 1)),
                zeros(part[0]) + "/" + zeros(part[1]), part[2].isEmpty() ? null : Long.valueOf(part[2]),
                part[3].isEmpty() ? null : part[3], Integer.parseInt(part[4]), Integer.parseInt(part[5]),
                Integer.parseInt(part[6]), Long.parseLong(part[7]), Long.parseLong(part[8]),
                part[9].isEmpty() ? 0 : Long.parseLong(part[9]), part[10].isEmpty() ? null : part[10], part[11]);
    }

    private static String zeros(String id) {
        return id.replaceFirst("^0+(?=.)", "");
    }

    boolean isSending() {
        return outcome == null && epoch != null;
    }

    /** Whether it is, or was, a row to be sent. */
    boolean isSent() {
        return outcome == null || !outcome.equals("DUPLICATE") && !outcome.equals("REJECTED");
    }

    /** Whether it was to be sent, and was cancelled before. */
    boolean isCancelled() {
        return "REJECTED".equals(outcome) && words.contains("cancelled by");
    }

    @Override
    public String toString() {
        return key + " " + (outcome == null ? epoch == null ? "WAITS" : "SENDING" : outcome) + " epoch " + epoch
                + " doubts "
                + doubts + " attempts " + attempts + " answered " + answeredAt + " accepted " + acceptedAt;
    }
}
