// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

import javax.net.ssl.SSLContext;

import org.eclipse.microprofile.config.ConfigProvider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import center.bos.refund.folder.ServiceAddress;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;

/** A client of the service that runs on the configured data folder, over REST. */
final class RunningService {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int UNAVAILABLE = 503;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final ServiceAddress address;

    private RunningService(ServiceAddress address) {
        this.address = address;
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY) // it would get the password
                .connectTimeout(Duration.ofSeconds(5));
        client = (address.url().startsWith("https:") ? builder.sslContext(anyCertificate()) : builder).build();
    }

    /**
     * Takes the certificate of the service as it is: it is for the name that others use, and what reaches the service's own address
     * does not leave the machine, with TLS or without.
     */
    private static SSLContext anyCertificate() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /** Thrown where nobody knows whether the service did what it was asked. */
    static final class NoAnswer extends IOException {
        private NoAnswer(ServiceAddress of) {
            super("the service at " + of + " does not answer; it may have done what it was asked: see refund status");
        }
    }

    /** An answer: its status, and its body, which is a problem from 400 on. */
    record Answer(int status, JsonNode body) {
        boolean isRefused() {
            return status >= 400;
        }

        /** Whether it is refused for now: the service stops, or its ledger cannot be reached. */
        boolean isUnavailable() {
            return status == UNAVAILABLE;
        }

        String detail() {
            return body.path("detail").asText("the service answered " + status);
        }
    }

    /** The service, if one runs. */
    static Optional<RunningService> find() throws IOException, InterruptedException {
        Path data = ConfigProvider.getConfig().getValue("refund.data", Path.class);
        Optional<RunningService> found = ServiceAddress.find(data).map(RunningService::new);
        try {
            if (found.isPresent()) {
                found.get().get("/service");
            }
            return found;
        } catch (ConnectException e) { // the service was killed
            return Optional.empty();
        }
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(address.url() + path)).GET());
    }

    /** Posts a deed with its reason and, if callers need no login, the user's name. */
    Answer post(String path, Map<String, Object> fields) throws IOException, InterruptedException {
        ObjectNode body = JSON.valueToTree(fields);
        if (!address.asksForLogin() && fields.containsKey("reason")) {
            body.put("by", SendJob.PERSON);
        }
        return send(HttpRequest.newBuilder(URI.create(address.url() + path)).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    static String batchPath(String id) {
        return "/batches/" + encoded(id);
    }

    static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        if (address.asksForLogin()) {
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(
                    (System.getProperty("user.name") + ":" + address.password()).getBytes(StandardCharsets.UTF_8)));
        }
        try {
            HttpResponse<byte[]> answer = client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
            return new Answer(answer.statusCode(), JSON.readTree(answer.body()));
        } catch (ConnectException e) { // it got no request
            throw e;
        } catch (IOException e) {
            throw new NoAnswer(address);
        }
    }
}
