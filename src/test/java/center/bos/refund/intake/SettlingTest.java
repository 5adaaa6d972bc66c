// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class SettlingTest {

    @Test
    void findsEachOfManyFilesSettled() {
        Settling settling = new Settling();
        Set<String> files = IntStream.range(0, 20_000).mapToObj(i -> "inbox/" + i + ".csv")
                .collect(Collectors.toCollection(HashSet::new));

        await().atMost(Duration.ofSeconds(60)).until(() -> {
            files.removeIf(file -> settling.hasSettled(file, 42, 1, false));
            return files.isEmpty();
        });
    }
}
