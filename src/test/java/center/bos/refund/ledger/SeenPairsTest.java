// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import center.bos.refund.model.Pair;

class SeenPairsTest {

    @Test
    void namesWhereAPairWasSeenFirstAndHasNoFileThatAKillWouldLeave() throws IOException {
        Set<Path> before = files();
        try (SeenPairs seen = SeenPairs.none()) {
            assertThat(seen.meet(Pair.of("1", "2"), "line 2")).isEmpty();
            assertThat(seen.meet(Pair.of("01", "2"), "line 3")).contains("line 2");

            assertThat(before).containsAll(files());
        }
    }

    private static Set<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().startsWith("refund-check-"))
                    .collect(Collectors.toSet());
        }
    }
}
