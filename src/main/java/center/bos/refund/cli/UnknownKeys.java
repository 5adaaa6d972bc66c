// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

import center.bos.refund.config.BosConfig;
import center.bos.refund.config.RefundConfig;
import center.bos.refund.config.RestConfig;
import center.bos.refund.config.SftpConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;

/** Finds keys {@code bos.*} and {@code refund.*} that are no settings, such as misspelt ones, which would have no effect. */
final class UnknownKeys {
    /**
     * Every setting. Not read from {@code application.properties}: in a checkout that is the file in which a key may be misspelt.
     */
    static final Set<String> KNOWN = known();
    private static final Pattern PROFILE = Pattern.compile("^%[\\w,-]+\\.");
    /** What stands around the path in the name of a source. */
    private static final Pattern FILE = Pattern.compile("\\A.*\\[source=(file:(//)?)?|]\\z");
    private static final Pattern OWN = Pattern.compile("(bos|refund)\\..*");
    private static final Pattern OWN_VARIABLE = Pattern.compile("(BOS|REFUND)_.*");
    /** Kubernetes gives these to each container, for a service of the name that stands before them. */
    private static final Pattern SERVICE_LINK = Pattern.compile(".*_(SERVICE_HOST|(SERVICE_)?PORT(_.*)?)");

    private final Config config;

    UnknownKeys(Config config) {
        this.config = config;
    }

    private static Set<String> known() {
        // what only routes and other settings take
        Set<String> keys = new HashSet<>(Set.of("bos.base-url", "bos.codes.auth", "bos.codes.retry",
                "bos.codes.success",
                "bos.refund-otp.path", "refund.data.uri", "refund.http.host", "refund.http.port",
                "refund.http.trusted-proxies", "refund.management.host", "refund.management.port", "refund.sftp.delay",
                "refund.sftp.inbox", "refund.sftp.outbox"));
        Stream.of(BosConfig.class, RefundConfig.class, RestConfig.class, SftpConfig.class)
                .map(type -> new ConfigClass(type, type.getAnnotation(ConfigMapping.class).prefix()))
                .forEach(mapping -> keys.addAll(ConfigMappings.getProperties(mapping).keySet()));
        return keys;
    }

    /** The first one in a file, and what to do. */
    Optional<String> inFiles() {
        return sources().filter(PropertiesConfigSource.class::isInstance)
                .flatMap(source -> source.getPropertyNames().stream().sorted()
                        .map(name -> PROFILE.matcher(name).replaceFirst(""))
                        .filter(key -> OWN.matcher(key).matches() && !KNOWN.contains(key))
                        .map(key -> key + " in " + FILE.matcher(source.getName()).replaceAll("")
                                + " is no setting: see the list in application.properties of the release."
                                + " A key of your own must not begin with bos. or refund."))
                .findFirst();
    }

    /** The environment variables whose names look like a setting's. */
    Stream<String> inEnvironment() {
        Set<String> variables = KNOWN.stream().map(UnknownKeys::variable).collect(Collectors.toSet());
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
                .filter(source -> source.getOrdinal() >= Settings.DEFAULTS);
    }
}
