// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
    /** The packaged file has 250, one of the current folder 270 ({@link FolderSettings}). */
    private static final int ORDINAL = 255;

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        String home = System.getProperty(HOME);
        if (home == null) {
            return List.of();
        }
        Path file = Path.of(home, "application.properties");
        Map<String, String> settings = FolderSettings.read(file);
        settings.replaceAll(
                (name, value) -> name.endsWith(ROUTES) ? value.replace("classpath:", "file:" + home + "/") : value);
        return List.of(new PropertiesConfigSource(settings, file.toString(), ORDINAL));
    }
}
