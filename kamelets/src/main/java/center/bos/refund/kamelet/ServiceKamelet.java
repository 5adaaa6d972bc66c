// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import center.bos.refund.bos.ConnectionSettings;
import center.bos.refund.bos.Connections;
import center.bos.refund.bos.SingleCallClient;
import center.bos.refund.model.NotSentException;
import center.bos.refund.model.Pair;

/**
 * Sends pairs to a running service, each in one POST with an {@code Idempotency-Key}. The JSON answer becomes the body, and its
 * {@code outcome} the variable of that name: the service's own, ACCEPTED if it is not known yet, NOT_ACCEPTED if the service does
 * not have the pair, UNKNOWN if no answer came.
 */
public final class ServiceKamelet implements HttpClientConfigurer, CamelContextAware {
    /** TLS and proxy for the service: {@code refund.service.tls.*} and {@code .proxy.*}, named as {@code bos.tls.*} and {@code .proxy.*}. */
    private static final String SETTINGS = "refund.service";
    private static final String CONNECT_TIMEOUT = "5s";
    private static final String KEY = "Idempotency-Key";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CALLS = 64;
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final int UNAVAILABLE = 503;

    private String username = "";
    private String password = "";
    private String responseTimeout = "40s";
    private CamelContext context;

    /** The caller's user name; blank: no login. */
    public void setUsername(String username) {
        this.username = username;
    }

    /** The caller's password. */
    public void setPassword(String password) {
        this.password = password;
    }

    /** How long the whole answer may take, such as {@code 40s}. */
    public void setResponseTimeout(String timeout) {
        responseTimeout = timeout;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        PropertiesComponent properties = context.getPropertiesComponent();
        properties.addInitialProperty(SETTINGS + ".timeout.connect", CONNECT_TIMEOUT);
        properties.addInitialProperty(SETTINGS + ".timeout.response", responseTimeout);
        ConnectionSettings settings = CamelSettings.of(ConnectionSettings.class, properties, SETTINGS);
        new SingleCallClient(settings).configureHttpClient(builder);
        builder.setConnectionManager(new Connections(settings, CALLS).pool());
    }

    /**
     * Makes the request for the body's pair. Its key is the header {@code Idempotency-Key}, else the exchange's id.
     *
     * @throws IllegalArgumentException if the body has no usable pair
     */
    public void request(Exchange exchange) throws JsonProcessingException {
        exchange.removeVariable("outcome");
        KeptHeaders.keep(exchange);
        Pair pair = PairReader.read(exchange);
        String key = exchange.getMessage().getHeader(KEY, exchange.getExchangeId(), String.class);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("referenceid", pair.referenceid());
        fields.put("ackno", pair.ackno());
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(KEY, key);
        exchange.getMessage().setHeader("Content-Type", "application/json");
        exchange.getMessage().setHeader("Accept", "application/json");
        if (!username.isBlank()) {
            String login = username + ":" + password;
            exchange.getMessage().setHeader("Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        }
        exchange.getMessage().setBody(JSON.writeValueAsString(fields));
    }

    /** Reads the service's answer. */
    public void answer(Exchange exchange) throws JsonProcessingException {
        int status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        ObjectNode answer = object(exchange.getMessage().getBody(String.class));
        if (status == OK && answer.path("outcome").isTextual()) {
            finish(exchange, answer.get("outcome").textValue(), answer);
        } else if (status == ACCEPTED) {
            finish(exchange, "ACCEPTED", answer);
        } else {
            boolean refused = status > ACCEPTED && status < FIRST_SERVER_ERROR || status == UNAVAILABLE;
            String said = answer.path("detail").asText(answer.path("title").asText(""));
            fail(exchange, refused ? "NOT_ACCEPTED" : "UNKNOWN",
                    "the service answered HTTP " + status + (said.isEmpty() ? "" : ": " + said));
        }
    }

    /** Turns a failed call into an outcome. */
    public void failed(Exchange exchange) throws JsonProcessingException {
        Exception failure = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
        if (failure instanceof IllegalArgumentException) {
            fail(exchange, "REJECTED", failure.getMessage());
        } else if (failure instanceof NotSentException) {
            fail(exchange, "NOT_ACCEPTED", failure.getMessage());
        } else {
            fail(exchange, "UNKNOWN", "no answer from the service: " + failure.getClass().getSimpleName());
        }
    }

    private static ObjectNode object(String text) {
        try {
            return text != null && JSON.readTree(text) instanceof ObjectNode object ? object : JSON.createObjectNode();
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode();
        }
    }

    private static void fail(Exchange exchange, String outcome, String message) throws JsonProcessingException {
        finish(exchange, outcome, JSON.createObjectNode().put("message", message));
    }

    private static void finish(Exchange exchange, String outcome, ObjectNode answer) throws JsonProcessingException {
        KeptHeaders.giveBack(exchange);
        exchange.setVariable("outcome", outcome);
        exchange.getMessage().setBody(JSON.writeValueAsString(answer.put("outcome", outcome)));
    }
}
