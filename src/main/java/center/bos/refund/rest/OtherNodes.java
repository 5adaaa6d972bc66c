// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.jboss.logging.Logger;

import center.bos.refund.access.NodeLogins;
import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Nodes;
import center.bos.refund.model.Batch;

/**
 * Forwards a request to the node that has the files for it, and returns that node's answer. A forwarded request is not forwarded
 * again.
 */
@Singleton
@Named("otherNodes")
public record OtherNodes(Ledger ledger, NodeLogins logins, RefundConfig config) {
    private static final Logger LOG = Logger.getLogger(OtherNodes.class);
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final List<String> ANSWERED = List.of("Content-Type", "Content-Disposition", "Location", "ETag",
            "Retry-After");
    /** Characters that a server accepts and {@link URI} does not. */
    private static final Pattern ILLEGAL = Pattern.compile("[^\\w.~!$&'()*+,;=:@/?%-]");

    /** Made when it is first needed, which is never where there is one node. */
    private static final class Client {
        static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY).followRedirects(HttpClient.Redirect.NEVER).connectTimeout(CONNECT)
                .build();
    }

    /** If another node took the file of the batch, its answer ends the route. */
    public void haveBatch(@Body ApiRequest request, Exchange exchange) throws IOException {
        passOn(request, BatchResource.find(ledger, request).map(Batch::node), exchange);
    }

    /** The same for data in each node's memory: if the other node is away, this node answers itself. */
    public void sawBatch(@Body ApiRequest request, Exchange exchange) throws IOException {
        try {
            haveBatch(request, exchange);
        } catch (Refusal e) {
            LOG.debugf("answered here: %s", e.getMessage());
        }
    }

    /** If another node keeps the rows of the check, and they are no batch yet, its answer ends the route. */
    public void haveCheck(@Body ApiRequest request, Exchange exchange) throws IOException {
        String id = request.text("id");
        passOn(request, ledger.batches().find(CheckResource.batch(id)).isPresent()
                ? Optional.empty()
                : CheckResource.node(id, ledger.nodes().names()), exchange);
    }

    /** If the request names another node, that node's answer ends the route. */
    public void areMeant(@Body ApiRequest request, Exchange exchange) throws IOException {
        Optional<String> node = request.optional("node");
        if (node.filter(name -> !name.equals(config.node()) && !ledger.nodes().names().contains(name)).isPresent()) {
            throw new Refusal(404, "there is no node of that name");
        }
        passOn(request, node, exchange);
    }

    private void passOn(ApiRequest request, Optional<String> node, Exchange exchange) throws IOException {
        if (node.isPresent() && !node.get().equals(config.node())) {
            HttpResponse<InputStream> answer = ask(request, node.get());
            Map<String, String> headers = new LinkedHashMap<>();
            ANSWERED.forEach(name -> answer.headers().firstValue(name).ifPresent(value -> headers.put(name, value)));
            exchange.getMessage()
                    .setBody(new Answer(answer.statusCode(), new Answer.PassedOn(headers, answer.body()), null, false));
            exchange.setRouteStop(true);
        }
    }

    /**
     * Sends the same request to another node, for the same caller.
     *
     * @return its answer, whatever its status
     * @throws Refusal if there is no answer, or the request was forwarded already
     */
    HttpResponse<InputStream> ask(ApiRequest request, String node) throws IOException {
        String login = request.http().getHeader("Authorization");
        if (login != null && login.startsWith(NodeLogins.SCHEME)) { // it was forwarded already
            throw new Refusal(503, "this is node " + config.node() + ", and what is asked for is at node " + node
                    + ": is refund.node-url right at each node?");
        }
        Nodes.Node other = ledger.nodes().running(node).orElseThrow(() -> new Refusal(503, gone(node,
                "does not run: start it under its name with its data folder (docs/operations.md, When a node is lost)")));
        String uri = legal(request.http().path()
                + (request.http().query() == null ? "" : "?" + request.http().query()));
        byte[] body = request.json() == null
                ? new byte[0]
                : request.json().toString().getBytes(StandardCharsets.UTF_8);
        String method = request.http().method().name();
        HttpRequest.Builder asked = HttpRequest.newBuilder(URI.create(other.url() + uri)).timeout(ANSWER)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .header("Authorization", logins.header(other, request.isAnonymous() ? "" : request.caller(),
                        request.roles(), method, uri, body));
        if (body.length > 0) {
            asked.header("Content-Type", ApiRequestReader.JSON);
        }
        request.idempotencyKey().ifPresent(key -> asked.header(ApiRequestReader.KEY, key));
        Optional.ofNullable(request.http().getHeader("If-None-Match"))
                .ifPresent(tag -> asked.header("If-None-Match", tag));
        return answer(asked.build(), other);
    }

    private HttpResponse<InputStream> answer(HttpRequest asked, Nodes.Node other) throws IOException {
        try {
            HttpResponse<InputStream> answer = Client.HTTP.send(asked, BodyHandlers.ofInputStream());
            if (answer.statusCode() == 401 || answer.statusCode() == 403) {
                answer.body().close();
                LOG.errorf("Node %s at %s takes no request from this node: is its refund.node-url right, and are the"
                        + " same callers configured at both?", other.name(), other.url());
                throw new Refusal(503,
                        gone(other.name(), "takes no request from node " + config.node() + ": its log says why"));
            }
            return answer;
        } catch (Refusal e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(503, "the service is stopping");
        } catch (ConnectException | HttpConnectTimeoutException e) {
            LOG.warnf("Node %s cannot be reached at %s: %s", other.name(), other.url(), e);
            throw new Refusal(503, gone(other.name(), "cannot be reached: start it, or try again once it is back"
                    + " (docs/operations.md, When a node is lost)"));
        } catch (IOException e) {
            LOG.warnf("Node %s at %s gave no answer: %s", other.name(), other.url(), e);
            throw new Refusal(503, gone(other.name(), "gave no answer; nobody knows whether it did what was asked:"
                    + " look, or repeat it under the same Idempotency-Key, which does it once"));
        }
    }

    private static String gone(String node, String why) {
        return "what is asked for is at node " + node + ", which " + why;
    }

    private static String legal(String uri) {
        return ILLEGAL.matcher(uri).replaceAll(found -> HexFormat.of().withUpperCase().withPrefix("%")
                .formatHex(found.group().getBytes(StandardCharsets.UTF_8)));
    }
}
