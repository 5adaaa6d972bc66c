// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
    private static final Path OTHER_FILE_SYSTEM = Path.of("/dev/shm");

    @TempDir
    Path folder;

    @Test
    void aLinkIsMovedAsALinkAlsoToAnotherFileSystem() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Path elsewhere = Files.createTempDirectory(
                Files.isDirectory(OTHER_FILE_SYSTEM) ? OTHER_FILE_SYSTEM : folder, "refund-");
        try {
            Path link = Files.createSymbolicLink(elsewhere.resolve("x.csv"), secret);

            DurableFile.move(link, folder.resolve("moved.csv"));

            assertThat(folder.resolve("moved.csv")).isSymbolicLink();
            assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
            assertThat(secret).hasContent("secret");
        } finally {
            Files.deleteIfExists(elsewhere.resolve("x.csv"));
            Files.delete(elsewhere);
        }
    }
}
