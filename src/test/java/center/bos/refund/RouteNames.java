// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;

/** Checks that what shows up in logs and metrics was named by a person: routes, and every send that leaves the process. */
final class RouteNames {

    /** The first of these that a file holds gives its main id. */
    private static final List<String> NAMED = List.of("route", "rest", "routeTemplate");

    /** Holds no route, but how all of them handle errors. */
    private static final String CONFIGURATIONS = "defaults";

    private static final Set<String> SENDS = Set.of("to", "toD", "wireTap", "poll");
    private static final List<String> LOCAL = List.of("direct:", "seda:", "bean:");

    private RouteNames() {
    }

    static List<String> problems(List<RouteFile> files) {
        List<String> problems = new ArrayList<>();
        Map<String, String> owners = new HashMap<>();
        for (RouteFile file : files) {
            checkElements(file, problems);
            file.eachField((field, value) -> {
                if (SENDS.contains(field)) {
                    checkSend(file, field, value, problems);
                } else if (field.equals("id")) {
                    String owner = owners.putIfAbsent(value.asText(), file.name());
                    if (owner != null) {
                        problems.add(file.name() + ": id '" + value.asText() + "' is already used in " + owner);
                    }
                }
            });
        }
        return problems;
    }

    private static void checkElements(RouteFile file, List<String> problems) {
        if (!file.name().endsWith(RouteFile.SUFFIX)) {
            problems.add(file.name() + ": a file in routes/ is named <main route id>" + RouteFile.SUFFIX);
        }
        if (!file.elements("from").isEmpty()) {
            problems.add(file.name() + ": a top-level 'from' has no id: put it in a 'route'");
        }
        for (JsonNode configuration : file.elements("routeConfiguration")) {
            if (configuration.path("id").asText().isBlank()) {
                problems.add(
                        file.name() + ": a routeConfiguration has no id: that of all routes is \"*\", because an editor"
                                + " gives one without an id another");
            }
        }
        String mainId = null;
        for (String kind : NAMED) {
            for (JsonNode element : file.elements(kind)) {
                String id = element.path("id").asText();
                if (id.isBlank()) {
                    problems.add(file.name() + ": a " + kind + " has no id");
                } else if (element.path("description").asText().isBlank()) {
                    problems.add(file.name() + ": " + kind + " '" + id + "' has no description");
                }
                mainId = mainId == null ? id : mainId;
            }
        }
        if (mainId == null) {
            if (!file.baseName().equals(CONFIGURATIONS)) {
                problems.add(file.name() + ": holds no route");
            }
        } else if (!mainId.isBlank() && !mainId.equals(file.baseName())) {
            problems.add(file.name() + ": the main id '" + mainId + "' is not the file's name");
        }
    }

    private static void checkSend(RouteFile file, String field, JsonNode send, List<String> problems) {
        String uri = send.isTextual() ? send.asText() : send.path("uri").asText();
        if (uri.isEmpty() || !field.equals("toD") && LOCAL.stream().anyMatch(uri::startsWith)) {
            return;
        }
        for (String name : List.of("id", "description")) {
            if (send.path(name).asText().isBlank()) {
                problems.add(file.name() + ": " + field + " '" + uri + "' has no " + name);
            }
        }
    }
}
