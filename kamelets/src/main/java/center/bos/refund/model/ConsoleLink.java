// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Paths of the console, for log lines; people know the address in front of them. */
public final class ConsoleLink {
    /** The view of rows in doubt. */
    public static final String IN_DOUBT = "/?view=in-doubt";

    private ConsoleLink() {
    }

    /** The view of a batch of a file. */
    public static String batch(String id) {
        return "/?batch=" + URLEncoder.encode(id, StandardCharsets.UTF_8);
    }
}
