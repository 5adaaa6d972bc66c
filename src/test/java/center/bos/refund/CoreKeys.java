// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;

/** The settings that the Java core takes, through a {@link ConfigMapping} or by name in a string. */
final class CoreKeys implements Predicate<String> {

    /** A whole literal, or a placeholder in one; a key in the middle of an error message is no use of it. */
    private static final Pattern LITERAL = Pattern
            .compile("\"([a-z][\\w.-]+)\"|\\{([a-z][\\w.-]+)[}:]");

    private final Set<String> names = new LinkedHashSet<>();
    private final Set<Pattern> patterns = new LinkedHashSet<>();

    /** Reads the compiled mappings and the sources of the core. */
    static CoreKeys of(Path classes, Path sources) throws IOException, ClassNotFoundException {
        CoreKeys keys = new CoreKeys();
        try (var paths = Files.walk(classes)) {
            for (Path path : paths.filter(p -> p.toString().endsWith(".class")).toList()) {
                // only what mentions the annotation is loaded
                if (new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1)
                        .contains(ConfigMapping.class.descriptorString())) {
                    keys.addIfMapping(className(classes.relativize(path)));
                }
            }
        }
        try (var paths = Files.walk(sources)) {
            for (Path path : paths.filter(p -> p.toString().endsWith(".java")).toList()) {
                keys.addLiterals(Files.readString(path));
            }
        }
        return keys;
    }

    private static String className(Path classFile) {
        String name = classFile.toString().replace(classFile.getFileSystem().getSeparator(), ".");
        return name.substring(0, name.length() - ".class".length());
    }

    private void addIfMapping(String className) throws ClassNotFoundException {
        Class<?> type = Class.forName(className, false, CoreKeys.class.getClassLoader());
        ConfigMapping mapping = type.getAnnotation(ConfigMapping.class);
        if (mapping != null) {
            addMapping(type, mapping.prefix());
        }
    }

    /** Adds each property of a mapping, groups included, under the names that SmallRye gives them. */
    void addMapping(Class<?> type, String prefix) {
        for (String name : ConfigMappings.getProperties(new ConfigClass(type, prefix)).keySet()) {
            // SmallRye writes * for the key of a map and [*] for the index in a list
            String regex = Pattern.quote(name).replace("[*]", "\\E\\[\\d+\\]\\Q").replace("*", "\\E(\".*\"|[^.]+)\\Q");
            patterns.add(Pattern.compile(regex));
        }
    }

    void addLiterals(String source) {
        LITERAL.matcher(source).results()
                .forEach(match -> names.add(match.group(1) != null ? match.group(1) : match.group(2)));
    }

    @Override
    public boolean test(String key) {
        return names.contains(key) || patterns.stream().anyMatch(pattern -> pattern.matcher(key).matches());
    }
}
