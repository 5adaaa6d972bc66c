// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.util.ArrayList;
import java.util.List;

import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;

/** Camel's catalogue, with the components of our own: says what is wrong with an endpoint's URI. */
final class EndpointCatalog {
    private static final String LEDGER = """
            {
              "component": {"kind": "component", "name": "ledger", "scheme": "ledger", "syntax": "ledger:operation",
                "title": "Ledger", "javaType": "center.bos.refund.ledger.LedgerComponent", "lenientProperties": false},
              "componentProperties": {},
              "properties": {
                "operation": {"kind": "path", "required": true, "type": "enum", "label": "",
                  "enum": ["due", "outcomes", "accept", "settle"]},
                "channel": {"kind": "parameter", "required": false, "type": "enum", "label": "consumer",
                  "enum": ["success", "error", "reply"]},
                "lane": {"kind": "parameter", "required": false, "type": "object", "label": "consumer",
                  "javaType": "java.util.function.UnaryOperator<java.lang.String>"}
              }
            }
            """;

    private final CamelCatalog catalog = new DefaultCamelCatalog();

    EndpointCatalog() {
        catalog.addComponent("ledger", "center.bos.refund.ledger.LedgerComponent", LEDGER);
        addLike("sftp", "erp-sftp", "center.bos.refund.sftp.ErpSftpComponent");
        addLike("jms", "jms-reply", "org.apache.camel.component.jms.JmsComponent");
    }

    /** A component of our own that has the options of one of Camel's. */
    private void addLike(String known, String scheme, String type) {
        catalog.addComponent(scheme, type, catalog.componentJSonSchema(known)
                .replace("\"scheme\": \"" + known + "\"", "\"scheme\": \"" + scheme + "\"")
                .replace("\"syntax\": \"" + known + ":", "\"syntax\": \"" + scheme + ":"));
    }

    /** What is wrong with the endpoints of {@code from}. */
    List<String> problemsOfSources(List<String> uris) {
        return problems(uris, true);
    }

    /** What is wrong with the endpoints of {@code to} and the like. */
    List<String> problemsOfTargets(List<String> uris) {
        return problems(uris, false);
    }

    private List<String> problems(List<String> uris, boolean source) {
        List<String> problems = new ArrayList<>();
        for (String uri : uris) {
            EndpointValidationResult result = catalog.validateEndpointProperties(uri, true, source, !source);
            if (!result.isSuccess() || result.hasWarnings()) {
                problems.add(uri + ": " + result.summaryErrorMessage(false, true, true));
            }
        }
        return problems;
    }
}
