// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** An alias for a host name with an underscore, which {@link java.net.URI} does not accept. */
public final class HostAlias {
    private static final String MARK = "underscore-x";

    private HostAlias() {
    }

    /** The alias for {@link java.net.URI}. */
    public static String of(String host) {
        return host.indexOf('_') < 0 ? host : MARK + HexFormat.of().formatHex(host.getBytes(StandardCharsets.US_ASCII));
    }

    /** The real host name. */
    public static String real(String host) {
        return host.startsWith(MARK)
                ? new String(HexFormat.of().parseHex(host.substring(MARK.length())), StandardCharsets.US_ASCII)
                : host;
    }
}
