// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import center.bos.refund.model.NotSentException;

/** A connection between two requests, with the server's end of it in hand. */
class BosConnectionTest {
    private static final int LOOKS = 1_000;

    private ServerSocket listening;
    private BosConnection connection;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = BosConnection.socket(null);
        client.connect(listening.getLocalSocketAddress());
        connection = new BosConnection();
        connection.bind(client);
        server = listening.accept();
    }

    @AfterEach
    void close() throws IOException {
        connection.close(CloseMode.IMMEDIATE);
        server.close();
        listening.close();
    }

    @Test
    void anIdleConnectionIsLookedAtWithoutWaiting() throws IOException {
        Instant start = Instant.now();
        for (int i = 0; i < LOOKS; i++) {
            assertThat(connection.isStale()).isFalse();
        }
        // a millisecond each is what HttpClient's own look takes
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofMillis(LOOKS / 2));
    }

    @Test
    void aConnectionStillAnswersAfterItWasLookedAt() throws Exception {
        assertThat(connection.isStale()).isFalse();
        assertThat(exchange("ok")).isEqualTo("ok");
        assertThat(connection.isStale()).isFalse();
        assertThat(exchange("again")).isEqualTo("again");
    }

    @Test
    void aConnectionThatTheServerClosedIsNotUsed() throws IOException {
        server.close();
        await().until(connection::isStale);
    }

    @Test
    void aConnectionThatTheServerResetIsNotUsed() throws IOException {
        reset();
        await().until(this::isStaleOrBroken);
    }

    @Test
    void aConnectionWithSomethingToReadIsNotUsed() throws IOException {
        send("HTTP/1.1 408 Request Timeout\r\n\r\n");
        await().until(connection::isStale);
    }

    @Test
    void aConnectionWithMoreThanTheAnswerIsNotUsed() throws Exception {
        send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno");
        assertThat(answer()).isEqualTo("ok");
        assertThat(connection.isStale()).isTrue();
    }

    @Test
    void aRequestThatBreaksOffWhileItIsWrittenWasNotSent() throws Exception {
        reset();
        await().until(this::isStaleOrBroken);

        assertThatThrownBy(this::request).isInstanceOf(NotSentException.class);
    }

    @Test
    void aRequestThatIsGivenUpOnThisSideMayHaveBeenSent() throws Exception {
        connection.sendRequestHeader(post());
        connection.close(CloseMode.IMMEDIATE);

        assertThatThrownBy(connection::flush).isInstanceOf(IOException.class).isNotInstanceOf(NotSentException.class);
    }

    private void reset() throws IOException {
        server.setSoLinger(true, 0);
        server.close();
    }

    private boolean isStaleOrBroken() {
        try {
            return connection.isStale();
        } catch (IOException e) {
            return true;
        }
    }

    private String exchange(String body) throws Exception {
        request();
        send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        return answer();
    }

    private void request() throws Exception {
        BasicClassicHttpRequest request = post();
        connection.sendRequestHeader(request);
        connection.sendRequestEntity(request);
        connection.flush();
    }

    private static BasicClassicHttpRequest post() {
        BasicClassicHttpRequest request = new BasicClassicHttpRequest("POST", "/");
        request.setEntity(new StringEntity("{}"));
        request.setHeader("Content-Length", 2);
        return request;
    }

    private void send(String text) throws IOException {
        server.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        server.getOutputStream().flush();
    }

    private String answer() throws Exception {
        ClassicHttpResponse response = connection.receiveResponseHeader();
        connection.receiveResponseEntity(response);
        return EntityUtils.toString(response.getEntity());
    }
}
