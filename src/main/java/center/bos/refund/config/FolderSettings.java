package center.bos.refund.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

import io.smallrye.config.PropertiesConfigSource;

/** An {@code application.properties} of the current folder: before the packaged one, and after the environment. */
public final class FolderSettings implements ConfigSourceProvider {
    private static final Path FILE = Path.of("application.properties");
    /** The packaged one has 250, a file {@code .env} 295, the environment 300. */
    private static final int ORDINAL = 260;

    @Override
    public Iterable<ConfigSource> getConfigSources(ClassLoader loader) {
        if (!Files.isRegularFile(FILE)) {
            return List.of();
        }
        try {
            return List.of(new PropertiesConfigSource(FILE.toUri().toURL(), ORDINAL));
        } catch (IOException e) {
            throw new UncheckedIOException("application.properties of this folder cannot be read", e);
        }
    }
}
