// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The RefundOTP requests in the order in which they were read, in memory and, if wanted, in a file. */
final class PostLog implements AutoCloseable {

    private final List<Post> posts = new ArrayList<>();
    private final Map<Pair, List<Post>> byPair = new HashMap<>();
    private boolean remembers = true;
    private long count;
    private FileOutputStream file;

    synchronized void writeTo(Path path) throws IOException {
        close();
        file = new FileOutputStream(path.toFile(), true);
    }

    synchronized void forget() {
        remembers = false;
    }

    /** Takes the request down; when this returns, the operating system has the line. */
    synchronized Post add(Pair pair, Request request, int connection, boolean authorized) throws IOException {
        List<Post> before = remembers ? byPair.computeIfAbsent(pair, absent -> new ArrayList<>(1)) : List.of();
        Post post = new Post(++count, before.size() + 1, Instant.now(), pair, request.head().headers(), request.body(),
                connection, authorized);
        if (remembers) {
            before.add(post);
            posts.add(post);
        }
        if (file != null) {
            // one unbuffered write: a line is there as a whole or not at all
            file.write((post.at().toEpochMilli() + "\t" + pair.referenceid() + "\t" + pair.ackno() + "\n")
                    .getBytes(UTF_8));
        }
        return post;
    }

    synchronized List<Post> all() {
        return List.copyOf(posts);
    }

    synchronized List<Post> of(Pair pair) {
        return List.copyOf(byPair.getOrDefault(pair, List.of()));
    }

    synchronized long count() {
        return count;
    }

    @Override
    public synchronized void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
