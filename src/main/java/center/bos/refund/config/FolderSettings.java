// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Makes an {@code application.properties} of the current folder count: above the packaged one, below the environment. */
public final class FolderSettings implements ConfigSourceProvider {
    /** Quarkus gives 250 to the packaged file, and MicroProfile 300 to environment variables. */
    private static final int ORDINAL = 270;
    private static final Pattern LINE = Pattern.compile(
            "^[ \\t\\f]*(?:%[\\w,-]+\\.)?([^\\s=:#!]+)[ \\t\\f]*[=: \\t\\f](.*)$",
            Pattern.MULTILINE);
    /** A backslash that a properties file takes away or makes another character of, which a secret does not mean. */
    private static final Pattern LONE_BACKSLASH = Pattern
            .compile("(?<!\\\\)(?:\\\\\\\\)*\\\\(?![\\\\=:#! ]|u\\p{XDigit}{4})");

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        Path file = Path.of("application.properties");
        return Files.isRegularFile(file)
                ? List.of(new PropertiesConfigSource(read(file), file.toUri().toString(), ORDINAL))
                : List.of();
    }

    /** The settings of such a file. */
    static Map<String, String> read(Path file) {
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
