// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.config.RefundConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

class DataFolderTest {
    @TempDir
    Path data;

    @Test
    void aFolderThatSomebodyPreparedIsNotTheDemos() throws IOException {
        assertThat(DataFolder.holdsRealWork(data.resolve("new"))).isFalse();
        assertThat(DataFolder.holdsRealWork(data)).isFalse();
        Path erp = Files.createDirectories(data.resolve("erp"));
        Path prepared = Files.createDirectories(data.resolve("prepared"));
        Files.createSymbolicLink(prepared.resolve("outbox"), erp);
        assertThat(DataFolder.holdsRealWork(prepared)).isTrue();
        Files.createFile(prepared.resolve(DataFolder.DEMO_MARK));
        assertThat(DataFolder.holdsRealWork(prepared)).isFalse();
    }

    @Test
    void realWorkTakesNothingOfADemoThatRanUnderAnotherNodesName() throws IOException {
        Files.createFile(data.resolve(DataFolder.DEMO_MARK));
        Path claimed = Files.createDirectories(data.resolve("inbox/.here/.taken")).getParent();
        Files.createFile(claimed.resolve("rehearsed.csv"));
        Files.createFile(claimed.resolve(".taken/done-1a2b3c4d.csv"));

        DataFolder folder = open("there");
        try {
            assertThat(folder.inbox().resolve("rehearsed.csv")).doesNotExist();
            assertThat(folder.taken()).isEmptyDirectory();
            assertThat(data.resolve("demo/inbox/.here/rehearsed.csv")).exists();
            assertThat(data.resolve("demo/inbox/.here/.taken/done-1a2b3c4d.csv")).exists();
        } finally {
            folder.close();
        }
    }

    @Test
    void realWorkUsesTheFoldersThatWereLinkedAfterADemo() throws IOException {
        Files.createFile(data.resolve(DataFolder.DEMO_MARK));
        Path erp = Files.createDirectories(data.resolve("erp"));
        Files.createDirectories(erp.resolve("inbox/.other"));
        Files.createSymbolicLink(data.resolve("inbox"), erp.resolve("inbox"));
        Files.createSymbolicLink(data.resolve("outbox"), Files.createDirectory(erp.resolve("outbox")));

        DataFolder folder = open("there");
        try {
            assertThat(folder.outbox().toRealPath()).isEqualTo(erp.resolve("outbox").toRealPath());
            assertThat(erp.resolve("inbox/.other")).isDirectory();
            assertThat(data.resolve(DataFolder.DEMO_MARK)).doesNotExist();
        } finally {
            folder.close();
        }
    }

    private DataFolder open(String node) throws IOException {
        DataFolder folder = new DataFolder(new SmallRyeConfigBuilder().addDefaultInterceptors()
                .withMapping(RefundConfig.class).withConverter(Duration.class, 200, new DurationConverter())
                .withSources(new PropertiesConfigSource(Path.of("application.properties").toUri().toURL()),
                        new PropertiesConfigSource(Map.of("refund.data", data.toString(), "refund.node", node), "test",
                                500))
                .build().getConfigMapping(RefundConfig.class));
        folder.open();
        return folder;
    }
}
