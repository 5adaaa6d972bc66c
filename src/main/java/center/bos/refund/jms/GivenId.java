// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

/** An id of a rejected row as its sender gave it, so that the sender finds the row; short, and safe to store. */
final class GivenId {
    private static final int LONGEST = 100;
    private static final int UNKNOWN = 0xFFFD;

    private GivenId() {
    }

    /** The first {@link #LONGEST} characters; those that cannot be shown are replaced. */
    static String of(String id) {
        return id.codePoints().limit(LONGEST).map(c -> isShown(c) ? c : UNKNOWN)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }
}
