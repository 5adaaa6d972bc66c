// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.DefaultPlatformHttpConsumer;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.spi.RestConfiguration;
import org.apache.camel.spi.RestOpenApiConsumerFactory;
import org.apache.camel.support.service.ServiceHelper;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/**
 * Serves the contract on the first segments of its own paths. Camel's own consumer would take every path of the server, also the
 * console's.
 */
@Singleton
@Named("contractConsumers")
record ContractConsumers(Contract contract, AnswerWriter answers) implements RestOpenApiConsumerFactory {

    @Override
    public Consumer createConsumer(CamelContext camel, Processor processor, String contextPath,
            RestConfiguration configuration, Map<String, Object> parameters) throws Exception {
        Processor answered = exchange -> {
            // kept, because a step that replaces the message loses it
            HttpServerRequest request = exchange.getIn(HttpMessage.class).getRequest();
            if (answers.writeSnapshot(exchange, request)) {
                return;
            }
            exchange.getIn().setHeader(Exchange.HTTP_METHOD, operationMethod(request));
            try {
                processor.process(exchange);
            } catch (Exception e) {
                exchange.setException(e);
            }
            answers.write(exchange, request);
        };
        List<PlatformHttpEndpoint> endpoints = new ArrayList<>();
        for (String root : contract.roots()) {
            // the body stays in the request and is read as a stream where it is needed
            Map<String, Object> options = new HashMap<>(Map.of("matchOnUriPrefix", true, "useBodyHandler", false,
                    "headerFilterStrategy", "#restHeaders", "muteException", true));
            endpoints.add((PlatformHttpEndpoint) camel.getEndpoint("platform-http:" + root, options));
        }
        return new RootConsumers(endpoints, answered);
    }

    /** Camel itself accepts OPTIONS on any path and prefixes of a method's name, and knows no HEAD. */
    private String operationMethod(HttpServerRequest request) {
        String method = request.method().equals(HttpMethod.HEAD) ? HttpMethod.GET.name() : request.method().name();
        return contract.methods().contains(method) ? method : "NONE";
    }

    /** One consumer to Camel, which is one for each root at the server. */
    private static final class RootConsumers extends DefaultPlatformHttpConsumer {
        private final List<Consumer> others = new ArrayList<>();

        RootConsumers(List<PlatformHttpEndpoint> endpoints, Processor processor) throws Exception {
            super(endpoints.get(0), processor);
            setRegister(false);
            for (PlatformHttpEndpoint endpoint : endpoints.subList(1, endpoints.size())) {
                DefaultPlatformHttpConsumer other = endpoint.createConsumer(processor);
                other.setRegister(false);
                others.add(other);
            }
        }

        @Override
        protected void doInit() throws Exception {
            super.doInit();
            ServiceHelper.initService(others);
        }

        @Override
        protected void doStart() throws Exception {
            super.doStart();
            ServiceHelper.startService(others);
        }

        @Override
        protected void doStop() throws Exception {
            ServiceHelper.stopService(others);
            super.doStop();
        }
    }
}
