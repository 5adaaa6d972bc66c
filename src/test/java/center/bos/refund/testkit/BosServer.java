// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import javax.net.ssl.SSLContext;

/** A stand-in for BOS on the loopback interface that counts what arrives and can do the worst. */
public final class BosServer implements AutoCloseable {

    /** The path of the refund call. */
    public static final String REFUND_OTP = "/api/BOS/RefundOTP";
    /** The path of the token call. */
    public static final String AUTHORIZE = "/api/authorize";

    private static final long STACK = 512 << 10;

    private final TokenDesk tokens = new TokenDesk();
    private final PostLog log = new PostLog();
    private final InFlight inFlight = new InFlight();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger opened = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> otherRequests = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Tls tls;
    private final Door door;
    private volatile boolean refusing;
    private volatile boolean draining;
    private volatile Function<Post, Reply> script = post -> Reply.success();
    private volatile String path = REFUND_OTP;

    private BosServer(int port, Tls tls) {
        this.tls = tls;
        try {
            door = new Door(port, this::welcome);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server on a free port. */
    public static BosServer start() {
        return start(0);
    }

    /** Starts a server on that port. */
    public static BosServer start(int port) {
        return new BosServer(port, null);
    }

    /** Starts a server on a free port that speaks TLS. */
    public static BosServer startTls(SSLContext context, boolean needClientAuth) {
        return new BosServer(0, new Tls(context, needClientAuth));
    }

    /** Runs a server until it is terminated; see {@link BosServerOptions} for the arguments. */
    public static void main(String[] args) throws Exception {
        BosServerOptions options = BosServerOptions.parse(args);
        BosServer server = start(options.port());
        options.applyTo(server);
        server.log.forget();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            System.out.printf("posts %d, tokens %d, most in flight %d%n", server.postCount(), server.tokensAsked(),
                    server.maxInFlight());
            System.out.flush();
        }));
        System.out.println("listening " + server.port());
        server.closing.await();
    }

    /** The port that it listens on. */
    public int port() {
        return door.port();
    }

    /** The address for {@code bos.base-url}. */
    public String baseUrl() {
        return (tls == null ? "http" : "https") + "://127.0.0.1:" + port();
    }

    /** The address for {@code bos.token.url}. */
    public String tokenUrl() {
        return baseUrl() + AUTHORIZE;
    }

    /** Answers authorized RefundOTP requests by that script, which runs on the connection's thread and may block. */
    public BosServer reply(Function<Post, Reply> script) {
        this.script = script;
        return this;
    }

    /** Takes pairs at that path in place of {@link #REFUND_OTP}, whoever calls. */
    public BosServer at(String path) {
        this.path = path;
        return this;
    }

    /** Gives that reply to every authorized RefundOTP request. */
    public BosServer reply(Reply reply) {
        return reply(post -> reply);
    }

    /** Appends each RefundOTP request to that file before anything is answered. */
    public BosServer logTo(Path file) {
        try {
            log.writeTo(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The authorize endpoint. */
    public TokenDesk tokens() {
        return tokens;
    }

    /** Every RefundOTP request, authorized or not, in the order of arrival. */
    public List<Post> posts() {
        return log.all();
    }

    /** The RefundOTP requests of one pair, in the order of arrival. */
    public List<Post> postsFor(String referenceid, String ackno) {
        return log.of(new Pair(referenceid, ackno));
    }

    /** How many RefundOTP requests have arrived, authorized or not. */
    public long postCount() {
        return log.count();
    }

    /** How many requests for a token have arrived. */
    public int tokensAsked() {
        return tokens.asked();
    }

    /** The highest number of RefundOTP requests that were handled at once, each from its last byte read to its last byte sent. */
    public int maxInFlight() {
        return inFlight.most();
    }

    /** How many RefundOTP requests are being handled now. */
    public int inFlightNow() {
        return inFlight.now();
    }

    /** When the RefundOTP requests arrived, earliest first. */
    public List<Instant> postTimes() {
        return posts().stream().map(Post::at).sorted().toList();
    }

    /** The most RefundOTP requests that arrived within any span of that length. */
    public int mostPostsWithin(Duration window) {
        return new Arrivals(postTimes()).mostWithin(window);
    }

    /** The requests to neither endpoint, as method and path. */
    public List<String> otherRequests() {
        return List.copyOf(otherRequests);
    }

    /** How many connections were ever accepted. */
    public int connectionsOpened() {
        return opened.get();
    }

    /** How many connections are open now. */
    public int openConnections() {
        return connections.size();
    }

    /** Refuses new connections and closes those that are idle; the others close with their answer. */
    public void refuseConnections() {
        refusing = true;
        shutDoor();
        closeIdleConnections();
    }

    /**
     * Refuses new connections; each of the others closes with its next answer, which says so. As with a server that is
     * stopped with care, no request gets lost that is on its way.
     */
    public void drain() {
        draining = true;
        shutDoor();
    }

    private void shutDoor() {
        try {
            door.shut();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Accepts connections again, on the same port. */
    public void acceptAgain() {
        refusing = false;
        draining = false;
        try {
            door.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes the connections on which no request is being handled, and says how many they were once they are closed. */
    public int closeIdleConnections() {
        List<Connection> closing = connections.stream().filter(Connection::closeIfIdle).toList();
        closing.forEach(Connection::awaitEnd);
        return closing.size();
    }

    @Override
    public void close() {
        closing.countDown();
        refusing = true;
        try {
            door.close();
            connections.forEach(Connection::close);
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tls tls() {
        return tls;
    }

    InFlight inFlight() {
        return inFlight;
    }

    boolean refusesConnections() {
        return refusing;
    }

    boolean drains() {
        return draining;
    }

    boolean isRefund(Head head) {
        return head.path().equals(path) && head.method().equals("POST");
    }

    Reply answerRefund(Request request, int connection) throws IOException {
        boolean authorized = !path.equals(REFUND_OTP) || tokens.isGood(request.head().bearer());
        Pair pair = Ids.in(request.body());
        Post post = log.add(pair, request, connection, authorized);
        if (!authorized) {
            return Reply.code(401, 18);
        }
        return pair.referenceid().isEmpty() || pair.ackno().isEmpty() ? Reply.code(406, 4) : script.apply(post);
    }

    Reply answer(Request request) {
        Head head = request.head();
        if (head.path().equals(AUTHORIZE) && head.method().equals("POST")) {
            return tokens.answer(request);
        }
        otherRequests.add(head.method() + " " + head.path());
        return Reply.json(404, "{\"status\":false,\"message\":\"Not found\"}");
    }

    boolean awaitClose(Duration duration) throws IOException {
        try {
            return closing.await(duration.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    void left(Connection connection) {
        connections.remove(connection);
    }

    private void welcome(Socket socket) {
        int number = opened.incrementAndGet();
        Connection connection = new Connection(this, socket, number);
        connections.add(connection);
        if (refusing) {
            connection.close();
            left(connection);
            return;
        }
        Thread thread = new Thread(null, connection, "bos-" + number, STACK);
        thread.setDaemon(true);
        thread.start();
    }
}
