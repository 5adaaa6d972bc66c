// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Where the console of {@code serve} shows what a log line is about: a path, behind whatever address people reach it by. */
public final class ConsoleLink {
    /** What needs a person. */
    public static final String IN_DOUBT = "/?view=in-doubt";

    private ConsoleLink() {
    }

    /** The view of a batch of a file. */
    public static String batch(String id) {
        return "/?batch=" + URLEncoder.encode(id, StandardCharsets.UTF_8);
    }
}
