// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

import center.bos.refund.model.TextFile;
import io.smallrye.config.PropertiesConfigSource;

/**
 * The {@code application.properties} that override the packaged one and are overridden by the environment: that of an unpacked
 * release, whose folder the script {@code refund} gives in the system property {@value #HOME} and whose routes replace the packaged
 * ones, and with precedence over it that of the current folder.
 */
public final class SettingsFiles implements ConfigSourceProvider {
    private static final String HOME = "refund.home";
    private static final String NAME = "application.properties";
    private static final String ROUTES = "camel.main.routes-include-pattern";
    /** Quarkus gives 250 to the packaged file, and MicroProfile 300 to environment variables. */
    private static final int INSTALLED = 255;
    private static final int CURRENT = 270;
    private static final Pattern LINE = Pattern.compile(
            "^[ \\t\\f]*(?:%[\\w,-]+\\.)?([^\\s=:#!]+)[ \\t\\f]*[=: \\t\\f](.*)$",
            Pattern.MULTILINE);
    /** A backslash that the properties format would remove or turn into another character, which a secret does not mean. */
    private static final Pattern LONE_BACKSLASH = Pattern
            .compile("(?<!\\\\)(?:\\\\\\\\)*\\\\(?![\\\\=:#! ]|u\\p{XDigit}{4})");

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        List<ConfigSource> sources = new ArrayList<>();
        String home = System.getProperty(HOME);
        Path installed = home == null ? null : Path.of(home, NAME);
        Path current = Path.of(NAME);
        // in the release's own folder it is one file, whose routes count
        if (Files.isRegularFile(current) && !current.toAbsolutePath().equals(installed)) {
            sources.add(new PropertiesConfigSource(read(current), current.toUri().toString(), CURRENT));
        }
        if (installed != null) {
            Map<String, String> settings = read(installed);
            settings.replaceAll((key, value) -> key.endsWith(ROUTES)
                    ? value.replace("classpath:", "file:" + home + "/")
                    : value);
            sources.add(new PropertiesConfigSource(settings, installed.toString(), INSTALLED));
        }
        return sources;
    }

    private static Map<String, String> read(Path file) {
        Properties settings = new Properties();
        try {
            String text = TextFile.read(file);
            refuseLoneBackslash(file, text);
            settings.load(new StringReader(text));
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage());
        }
        Map<String, String> values = new HashMap<>();
        settings.forEach((key, value) -> values.put((String) key, (String) value));
        return values;
    }

    private static void refuseLoneBackslash(Path file, String text) throws IOException {
        for (MatchResult line : LINE.matcher(text).results().toList()) {
            if (SettingsAsGiven.isSecret(line.group(1)) && LONE_BACKSLASH.matcher(line.group(2)).find()) {
                long number = 1 + text.substring(0, line.start()).lines().count();
                throw new IOException(file + " line " + number + ", " + line.group(1)
                        + ": a \\ is not taken as it stands: write it as \\\\");
            }
        }
    }
}
