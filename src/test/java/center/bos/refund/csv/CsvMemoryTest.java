// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvMemoryTest {
    private static final int ROWS = 1_000_000;

    @TempDir
    Path folder;

    @Test
    void passesAMillionRowsThroughASmallHeap() throws Exception {
        // 16 MiB is a third of the file's size: whoever holds on to the rows fails here
        assertThat(run("-Xmx16m", false)).contains("rows=1000000 good=1000000 ");
    }

    @Test
    void passesAMillionRowsAfterAnOpenQuoteThroughASmallHeap() throws Exception {
        assertThat(run("-Xmx24m", true)).contains("rows=1000001 good=1000000 ");
    }

    private String run(String heap, boolean openQuote) throws IOException, InterruptedException {
        Path input = folder.resolve("million.csv");
        write(input, openQuote);
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), heap,
                "-cp", System.getProperty("java.class.path"), Pass.class.getName(), input.toString(),
                folder.resolve("results.csv").toString()).redirectErrorStream(true).redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    private static void write(Path file, boolean openQuote) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("referenceid,ackno,name,amount\n");
            if (openQuote) {
                out.write("1,2,\"open,3\n");
            }
            for (int i = 0; i < ROWS; i++) {
                out.write((100_000_000L + i) + "," + (7_000_000_000L + i) + ",Asha Rao the " + i % 97 + "th,1500.00\n");
            }
        }
    }

    /** Inspects a file, then copies its rows to a result file, in a process of its own. */
    static final class Pass {
        public static void main(String[] files) throws Exception {
            long started = System.nanoTime();
            CsvFile file = CsvFile.inspect(Path.of(files[0]));
            long inspected = System.nanoTime();
            long good = 0;
            try (CsvRows rows = file.rows()) {
                while (rows.hasNext()) {
                    good += rows.next().row().rejected() ? 0 : 1;
                }
            }
            long read = System.nanoTime();
            ResultCells cells = new ResultCells("SUCCESS", "1", "200", "OTP sent", "1", "2026-01-01T00:00:00Z");
            try (CsvRows rows = file.rows(); CsvResultWriter writer = CsvResultWriter.create(Path.of(files[1]), file)) {
                while (rows.hasNext()) {
                    writer.write(rows.next(), cells);
                }
            }
            System.out.printf("rows=%d good=%d inspect=%d ms read=%d ms copy=%d ms%n", file.rowCount(), good,
                    (inspected - started) / 1_000_000, (read - inspected) / 1_000_000,
                    (System.nanoTime() - read) / 1_000_000);
        }
    }
}
