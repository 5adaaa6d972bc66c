// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;

/** Finds keys {@code bos.*} and {@code refund.*} that are no settings, such as misspelt ones, which would have no effect. */
final class UnknownKeys {
    private static final String SETTINGS = "application.properties";
    private static final Pattern DECLARED = Pattern.compile(
            "^(?:# )?(?:%[\\w,-]+\\.)?((?:bos|refund)\\.[\\w.-]+)=", Pattern.MULTILINE);
    private static final Pattern PROFILE = Pattern.compile("^%[\\w,-]+\\.");
    /** What stands around the path in the name of a source. */
    private static final Pattern FILE = Pattern.compile("\\A.*\\[source=(file:(//)?)?|]\\z");
    private static final Pattern OWN = Pattern.compile("(bos|refund)\\..*");
    private static final Pattern OWN_VARIABLE = Pattern.compile("(BOS|REFUND)_.*");
    /** Kubernetes gives these to each container, for a service of the name that stands before them. */
    private static final Pattern SERVICE_LINK = Pattern.compile(".*_(SERVICE_HOST|(SERVICE_)?PORT(_.*)?)");

    private final Config config;
    /** The packaged file names every setting, those without a default in a comment. */
    private final Set<String> known;

    UnknownKeys(Config config) {
        this.config = config;
        try (InputStream packaged = UnknownKeys.class.getClassLoader().getResourceAsStream(SETTINGS)) {
            known = DECLARED.matcher(new String(packaged.readAllBytes(), StandardCharsets.UTF_8)).results()
                    .map(line -> line.group(1)).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first one in a file, and what to do. */
    Optional<String> inFiles() {
        return sources().filter(PropertiesConfigSource.class::isInstance)
                .flatMap(source -> source.getPropertyNames().stream().sorted()
                        .map(name -> PROFILE.matcher(name).replaceFirst(""))
                        .filter(key -> OWN.matcher(key).matches() && !known.contains(key))
                        .map(key -> key + " in " + FILE.matcher(source.getName()).replaceAll("")
                                + " is no setting: see the list in " + SETTINGS
                                + " of the release. A key of your own must not begin with bos. or refund."))
                .findFirst();
    }

    /** The environment variables whose names look like a setting's. */
    Stream<String> inEnvironment() {
        Set<String> variables = known.stream().map(UnknownKeys::variable).collect(Collectors.toSet());
        return sources().filter(EnvConfigSource.class::isInstance)
                .flatMap(source -> source.getPropertyNames().stream()).distinct().sorted()
                .filter(name -> OWN_VARIABLE.matcher(name).matches() && !variables.contains(name)
                        && !SERVICE_LINK.matcher(name).matches());
    }

    static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    }

    private Stream<ConfigSource> sources() {
        return StreamSupport.stream(config.getConfigSources().spliterator(), false)
                .filter(source -> source.getOrdinal() > Settings.DEFAULTS);
    }
}
