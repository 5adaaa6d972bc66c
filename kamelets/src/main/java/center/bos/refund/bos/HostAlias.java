// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** A name that {@link java.net.URI} takes for a host's, in place of one with an underscore, which it does not. */
public final class HostAlias {
    private static final String MARK = "underscore-x";

    private HostAlias() {
    }

    /** The name to give to {@link java.net.URI}. */
    public static String of(String host) {
        return host.indexOf('_') < 0 ? host : MARK + HexFormat.of().formatHex(host.getBytes(StandardCharsets.US_ASCII));
    }

    /** The name that the host really has. */
    public static String real(String host) {
        return host.startsWith(MARK)
                ? new String(HexFormat.of().parseHex(host.substring(MARK.length())), StandardCharsets.US_ASCII)
                : host;
    }
}
