// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Another {@code routes/token.camel.yaml}, made of the shipped one's two routes. */
record TokenFile(String first, String second) {
    static TokenFile shipped() {
        try {
            String text = Files.readString(Path.of("routes/token.camel.yaml"));
            int second = text.lastIndexOf("- route:");
            return new TokenFile(text.substring(0, second), text.substring(second));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Settings that load it in place of the shipped one. */
    Map<String, String> settings() {
        try {
            Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target", "token")), "");
            Path file = Files.writeString(folder.resolve("token.camel.yaml"), first + second);
            return Map.of("camel.main.routes-include-pattern",
                    "classpath:routes/*.camel.yaml,classpath:routes/triggers/*.camel.yaml,file:"
                            + file.toAbsolutePath(),
                    "camel.main.routes-exclude-pattern", "**/routes/token.camel.yaml");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
