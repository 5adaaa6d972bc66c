package center.bos.refund.rest;

import java.util.List;

/**
 * One page of a list.
 *
 * @param limit entries on it
 * @param offset entries before it
 */
record Paging(int limit, int offset) {

    static Paging of(ApiRequest request) {
        return new Paging(request.number("limit"), request.number("offset"));
    }

    /** The entries of the page, of those found with one more than {@link #limit}. */
    <T> List<T> page(List<T> found) {
        return found.subList(0, Math.min(limit, found.size()));
    }

    /** The path of the next page, or null on the last. */
    String next(List<?> found, String path, String filter) {
        return found.size() > limit ? path + "?" + filter + "limit=" + limit + "&offset=" + (offset + limit) : null;
    }
}
