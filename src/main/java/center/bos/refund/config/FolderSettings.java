package center.bos.refund.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

import io.smallrye.config.PropertiesConfigSource;

/** Makes an {@code application.properties} of the current folder count: above the packaged one, below the environment. */
public final class FolderSettings implements ConfigSourceProvider {
    /** Quarkus gives 250 to the packaged file, and MicroProfile 300 to environment variables. */
    private static final int ORDINAL = 270;

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        Path file = Path.of("application.properties");
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            return List.of(new PropertiesConfigSource(file.toUri().toURL(), ORDINAL));
        } catch (IOException e) {
            throw new UncheckedIOException(file.toAbsolutePath() + " cannot be read", e);
        }
    }
}
