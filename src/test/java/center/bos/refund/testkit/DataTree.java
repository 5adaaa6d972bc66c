// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The data folder of the application under test, as a user sees it. */
public record DataTree(Path root) {
    private static final Duration SOON = Duration.ofSeconds(90);

    /** Where files are dropped. */
    public Path inbox() {
        return root.resolve("inbox");
    }

    /** Where results come back. */
    public Path outbox() {
        return root.resolve("outbox");
    }

    /** Where originals end. */
    public Path archive() {
        return root.resolve("archive");
    }

    /** Drops a file as a careful writer does: whole, under its name. */
    public void drop(String name, byte[] content) {
        try {
            Files.createDirectories(inbox());
            Path part = inbox().resolve("writing-" + System.nanoTime() + ".part");
            Files.write(part, content);
            Files.move(part, inbox().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Drops a text in UTF-8. */
    public void drop(String name, String content) {
        drop(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Drops a file of {@link CsvFiles}, and returns its bytes. */
    public byte[] drop(String name, CsvFiles rows) {
        try {
            Path made = Files.createTempFile("made-", ".csv");
            byte[] content = Files.readAllBytes(rows.writeTo(made));
            Files.delete(made);
            drop(name, content);
            return content;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the results of a batch of that name or file stem. */
    public Results results(String stem) {
        return Results.await(outbox(), stem, SOON);
    }

    /** The names in a folder of this tree, in order; none where there is no such folder. */
    public List<String> names(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
