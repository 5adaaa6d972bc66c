// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceAddressTest {
    @TempDir
    Path data;

    @Test
    void anAddressThatAKilledServiceLeftIsNotAskedBecauseAnotherProgramMayListenThere() throws IOException {
        new ServiceAddress("http://127.0.0.1:8080", "secret", true).write(data);
        assertThat(ServiceAddress.find(data)).isEmpty();

        try (FileChannel held = FileChannel.open(data.resolve(".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            assertThat(ServiceAddress.find(data)).as("a lock that nobody has").isEmpty();
            assertThat(held.tryLock()).isNotNull();
            assertThat(ServiceAddress.find(data)).get().extracting(ServiceAddress::url)
                    .isEqualTo("http://127.0.0.1:8080");
        }
    }
}
