// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The answer of an operation.
 *
 * @param status the HTTP status
 * @param content what is written as JSON, a {@link Csv}, or {@link PassedOn}
 * @param location the Location header, or null
 * @param shared whether all callers get the same answer
 */
record Answer(int status, Object content, String location, boolean shared) {

    /** The answer of another node. */
    record PassedOn(Map<String, String> headers, InputStream bytes) {
    }

    record Csv(String name, InputStream bytes) {
    }

    static Answer ok(Object content) {
        return new Answer(200, content, null, true);
    }

    /** An answer for this caller only. */
    static Answer personal(Object content) {
        return new Answer(200, content, null, false);
    }

    static Answer accepted(Object content, String location) {
        return new Answer(202, content, location, false);
    }

    static String batchPath(String id) {
        return "/batches/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
