// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

import io.smallrye.config.PropertiesConfigSource;

/**
 * The {@code application.properties} and the routes of an unpacked release, which the script {@code refund} names by the system
 * property {@value #HOME}: they count in place of the packaged ones, and the environment before them.
 */
public final class InstalledFiles implements ConfigSourceProvider {
    static final String HOME = "refund.home";
    private static final String ROUTES = "camel.main.routes-include-pattern";
    /** The packaged file has 250, one in a folder {@code config} of the current folder 260. */
    private static final int ORDINAL = 255;

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        String home = System.getProperty(HOME);
        if (home == null) {
            return List.of();
        }
        Path file = Path.of(home, "application.properties");
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            Properties properties = new Properties();
            properties.load(reader);
            Map<String, String> settings = new HashMap<>();
            properties.stringPropertyNames().forEach(
                    name -> settings.put(name, name.endsWith(ROUTES)
                            ? properties.getProperty(name).replace("classpath:", "file:" + home + "/")
                            : properties.getProperty(name)));
            return List.of(new PropertiesConfigSource(settings, file.toString(), ORDINAL));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot be read: " + file, e);
        }
    }
}
