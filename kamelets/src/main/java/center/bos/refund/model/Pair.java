// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

/** The two ids that identify duplicates, without leading zeros: 007 and 7 are the same number to BOS, and the same customer. */
public record Pair(String referenceid, String ackno) {

    /** The pair of two ids as given. */
    public static Pair of(String referenceid, String ackno) {
        return new Pair(withoutLeadingZeros(referenceid), withoutLeadingZeros(ackno));
    }

    private static String withoutLeadingZeros(String id) {
        int start = 0;
        while (start < id.length() - 1 && id.charAt(start) == '0') {
            start++;
        }
        return start == 0 ? id : id.substring(start);
    }
}
