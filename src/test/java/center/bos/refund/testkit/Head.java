// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The request line and the headers of a request. */
record Head(String method, String path, List<Header> headers, int bodyLength, boolean chunked, boolean keepAlive,
        boolean expectsContinue, String bearer) {

    static Head parse(byte[] buffer, int from, int to) throws IOException {
        String[] lines = new String(buffer, from, to - from, ISO_8859_1).split("\r\n");
        String[] request = lines[0].split(" ");
        if (request.length != 3) {
            throw new IOException("not a request line: " + lines[0]);
        }
        List<Header> headers = new ArrayList<>(lines.length);
        int bodyLength = 0;
        boolean chunked = false;
        boolean keepAlive = request[2].equals("HTTP/1.1");
        boolean expectsContinue = false;
        String bearer = null;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1) {
                throw new IOException("not a header: " + lines[i]);
            }
            Header header = new Header(lines[i].substring(0, colon), lines[i].substring(colon + 1).trim());
            headers.add(header);
            switch (header.name().toLowerCase(Locale.ROOT)) {
                case "content-length" -> bodyLength = Integer.parseInt(header.value());
                case "transfer-encoding" -> chunked = header.value().equalsIgnoreCase("chunked");
                case "connection" -> keepAlive &= !header.value().equalsIgnoreCase("close");
                case "expect" -> expectsContinue = header.value().equalsIgnoreCase("100-continue");
                case "authorization" -> bearer = header.value().startsWith("Bearer ")
                        ? header.value().substring("Bearer ".length())
                        : null;
                default -> {
                    // of no meaning to the framing
                }
            }
        }
        int query = request[1].indexOf('?');
        String path = query < 0 ? request[1] : request[1].substring(0, query);
        return new Head(request[0], path, List.copyOf(headers), bodyLength, chunked, keepAlive, expectsContinue,
                bearer);
    }

    String header(String name) {
        for (Header header : headers) {
            if (header.name().equalsIgnoreCase(name)) {
                return header.value();
            }
        }
        return null;
    }
}
