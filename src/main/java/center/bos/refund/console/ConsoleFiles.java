// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.apache.commons.codec.digest.DigestUtils;

import center.bos.refund.problem.Problems;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * Serves the console's files, compressed once, each with the hash of its content as ETag: browsers cache them, and a new release
 * shows at the next load.
 */
@ApplicationScoped
public class ConsoleFiles {
    private static final String FOLDER = "META-INF/resources";
    private static final Pattern NAME = Pattern
            .compile("(?:/[a-z0-9-]+)*/[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.(html|js|css|svg)");
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "js",
            "text/javascript; charset=utf-8", "css", "text/css; charset=utf-8", "svg", "image/svg+xml");

    /** Browsers request the icon by this name for pages that are not HTML. */
    private static final Map<String, String> ALIASES = Map.of("/", "/index.html", "/favicon.ico", "/icon.svg");

    private final Map<String, StoredFile> files = new ConcurrentHashMap<>();

    private final Problems problems;

    private record StoredFile(String type, String hash, Buffer plain, Buffer gzip) {
    }

    ConsoleFiles(Problems problems) {
        this.problems = problems;
    }

    void addTo(@Observes Router router) {
        router.route().method(HttpMethod.GET).method(HttpMethod.HEAD).handler(this::serve);
    }

    private void serve(RoutingContext context) {
        String path = context.normalizedPath();
        Optional<StoredFile> found = find(ALIASES.getOrDefault(path, path));
        if (found.isEmpty()) {
            context.next();
            return;
        }
        HttpServerRequest request = context.request();
        if (!path.equals(request.path())) {
            problems.answer(context, 404, "there is nothing at this path"); // as /batches/..
            return;
        }
        StoredFile file = found.get();
        String accepted = request.getHeader("Accept-Encoding");
        boolean gzip = accepted != null && accepted.matches("(?i).*\\bgzip\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$)).*");
        String tag = '"' + file.hash() + (gzip ? "-gzip" : "") + '"';
        HttpServerResponse response = context.response();
        response.putHeader("Cache-Control", "no-cache").putHeader("ETag", tag).putHeader("Vary", "Accept-Encoding");
        String known = request.getHeader("If-None-Match");
        if (known != null && known.contains(tag)) {
            response.setStatusCode(304).end();
            return;
        }
        Buffer body = gzip ? file.gzip() : file.plain();
        response.putHeader("Content-Type", file.type()).putHeader("Content-Length", String.valueOf(body.length()));
        if (gzip) {
            response.putHeader("Content-Encoding", "gzip");
        }
        if (request.method() == HttpMethod.HEAD) {
            response.end();
        } else {
            response.end(body);
        }
    }

    private Optional<StoredFile> find(String path) {
        Matcher name = NAME.matcher(path);
        return name.matches()
                ? Optional.ofNullable(files.computeIfAbsent(path, p -> read(p, TYPES.get(name.group(1)))))
                : Optional.empty();
    }

    /** The file, or null. */
    private static StoredFile read(String path, String type) {
        try (InputStream in = ConsoleFiles.class.getClassLoader().getResourceAsStream(FOLDER + path)) {
            if (in == null) {
                return null;
            }
            byte[] content = in.readAllBytes();
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                gzip.write(content);
            }
            String hash = DigestUtils.sha256Hex(content).substring(0, 16);
            return new StoredFile(type, hash, Buffer.buffer(content), Buffer.buffer(compressed.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
