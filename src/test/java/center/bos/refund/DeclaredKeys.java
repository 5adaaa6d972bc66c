// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys that {@code application.properties} offers, those without a default as a commented line. */
final class DeclaredKeys {

    private static final Pattern LINE = Pattern
            .compile(
                    "(?<comment>#\\s*)?(?:%[\\w,.-]+?\\.)?(?<key>[a-z][\\w-]*(?:\\.[\\w\"\\[\\]*-]+)+)\\s*=(?<value>.*)");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}:$]+)");

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<String> undocumented = new LinkedHashSet<>();
    private final Set<String> references = new LinkedHashSet<>();

    private DeclaredKeys() {
    }

    static DeclaredKeys of(String properties) {
        DeclaredKeys declared = new DeclaredKeys();
        boolean continued = false;
        String above = "";
        for (String line : properties.lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (!continued && matcher.matches()) {
                declared.add(matcher, above);
            } else if (!line.startsWith("#")) {
                declared.addReferences(line);
            }
            continued = line.endsWith("\\") && !line.startsWith("#");
            above = line;
        }
        return declared;
    }

    private void add(Matcher line, String above) {
        String key = line.group("key");
        values.put(key, line.group("value"));
        if (line.group("comment") == null) {
            addReferences(line.group("value"));
        } else if (!above.startsWith("#")) {
            undocumented.add(key);
        }
    }

    private void addReferences(String value) {
        REFERENCE.matcher(value).results().forEach(match -> references.add(match.group(1)));
    }

    /** Keys that routes use and nobody declared. */
    List<String> missing(List<RouteFile> files) {
        List<String> problems = new ArrayList<>();
        for (RouteFile file : files) {
            file.placeholders().stream().filter(key -> !values.containsKey(key))
                    .forEach(key -> problems.add(file.name() + ": {{" + key + "}} is not in application.properties"));
        }
        return problems;
    }

    /** Keys of the product that neither a route, nor another property, nor the core takes. */
    List<String> unused(List<RouteFile> files, Predicate<String> core) {
        Set<String> used = new LinkedHashSet<>(references);
        files.forEach(file -> used.addAll(file.placeholders()));
        return values.keySet().stream().filter(key -> key.startsWith("bos.") || key.startsWith("refund."))
                .filter(key -> !used.contains(key) && !core.test(key))
                .map(key -> "application.properties: nothing uses " + key).toList();
    }

    /** Keys that are only there as a comment, with no comment above that says what they are for. */
    List<String> undocumented() {
        return undocumented.stream().map(key -> "application.properties: no comment above '# " + key + "='").toList();
    }
}
