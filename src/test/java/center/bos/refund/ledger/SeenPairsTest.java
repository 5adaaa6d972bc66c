// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.model.Pair;

/** Where a check keeps the pairs that it has seen. */
class SeenPairsTest {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    @TempDir
    Path folder;

    @Test
    void theyAreInAFileThatNoKillLeaves() throws IOException {
        try (SeenPairs seen = SeenPairs.none(folder)) {
            assertThat(seen.meet(Pair.of("1", "2"), "line 2")).isEmpty();
            assertThat(seen.meet(Pair.of("01", "2"), "line 3")).contains("line 2");

            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "it alone tells the files that a process has open")
    void theyAreInTheDataFolderWhichHasRoomForThem() throws IOException {
        try (SeenPairs seen = SeenPairs.none(folder)) {
            assertThat(seen.meet(Pair.of("1", "2"), "line 2")).isEmpty();

            assertThat(openFiles()).isEqualTo(1);
        }
        assertThat(openFiles()).isZero();
    }

    @Test
    void aCheckNeedsNoDataFolder() throws IOException {
        try (SeenPairs seen = SeenPairs.none(folder.resolve("none"))) {
            assertThat(seen.meet(Pair.of("1", "2"), "line 2")).isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }

    private long openFiles() throws IOException {
        long count = 0;
        try (Stream<Path> all = Files.list(OPEN_FILES)) {
            for (Path one : (Iterable<Path>) all::iterator) {
                count += isIn(folder, one) ? 1 : 0;
            }
        }
        return count;
    }

    private static boolean isIn(Path folder, Path open) throws IOException {
        try {
            return Files.readSymbolicLink(open).startsWith(folder);
        } catch (NoSuchFileException e) { // another thread has just closed it
            return false;
        }
    }
}
