// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.problem;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** The rest of a request's body when it is answered early. */
public final class UnreadBody {
    private UnreadBody() {
    }

    /** Whether the connection must be closed because an announced body was not read to its end. */
    public static boolean blocks(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        boolean announced = request.getHeader("Transfer-Encoding") != null || length != null && !length.equals("0");
        return announced && !request.isEnded() && request.version() != HttpVersion.HTTP_2;
    }
}
