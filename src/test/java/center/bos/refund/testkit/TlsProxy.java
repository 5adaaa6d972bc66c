// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Debian's nginx in front of services of this machine, with TLS; of several it asks one after the other. It comes from 127.0.0.2. */
public final class TlsProxy implements AutoCloseable {
    /** Where it comes from, for {@code refund.http.trusted-proxies}. */
    public static final String ADDRESS = "127.0.0.2";

    private final Process nginx;
    private final String origin;
    private final Path asked;

    private TlsProxy(Process nginx, String origin, Path asked) {
        this.nginx = nginx;
        this.origin = origin;
        this.asked = asked;
    }

    /** Starts one with that certificate, for the services at those ports. */
    public static TlsProxy start(Path folder, SelfSigned certificate, int... services) {
        int port = RestService.freePort();
        try {
            Path pem = Files.writeString(folder.resolve("proxy.pem"), certificate.pemWithKey());
            Path settings = Files.writeString(folder.resolve("nginx.conf"), """
                    daemon off;
                    pid nginx.pid;
                    error_log stderr;
                    events {}
                    http {
                      log_format asked '$upstream_addr $request_method $uri';
                      access_log asked.log asked;
                      client_body_temp_path body;
                      proxy_temp_path proxy;
                      fastcgi_temp_path fastcgi;
                      uwsgi_temp_path uwsgi;
                      scgi_temp_path scgi;
                      upstream refunds { %s }
                      server {
                        listen 127.0.0.1:%d ssl;
                        ssl_certificate %s;
                        ssl_certificate_key %s;
                        client_max_body_size 256m;
                        location / {
                          proxy_bind %s;
                          proxy_pass http://refunds;
                          proxy_set_header Forwarded 'for="$remote_addr";host="$http_host";proto=$scheme';
                        }
                      }
                    }
                    """.formatted(
                    Arrays.stream(services).mapToObj(service -> "server 127.0.0.1:" + service + ";")
                            .collect(Collectors.joining(" ")),
                    port, pem, pem, ADDRESS));
            return new TlsProxy(new ProcessBuilder(DebianTool.find("nginx").toString(), "-e", "stderr", "-p",
                    folder.toString(), "-c", settings.toString()).redirectErrorStream(true)
                    .redirectOutput(folder.resolve("nginx.log").toFile()).start(), "https://127.0.0.1:" + port,
                    folder.resolve("asked.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its address. */
    public String origin() {
        return origin;
    }

    /** Which services it asked, and what, so far: {@code 127.0.0.1:8080 GET /batches}. */
    public List<String> asked() {
        try {
            return Files.readAllLines(asked);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        nginx.destroy();
    }
}
