// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import javax.net.ssl.SSLContext;

/** How a server speaks TLS. */
record Tls(SSLContext context, boolean needsClientCertificate) {
}
