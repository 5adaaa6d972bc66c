// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Camel in a process of its own that has the Kamelets' jar and no Quarkus; closing it ends it. */
public final class CamelProcess implements AutoCloseable {
    private static final Path TARGET = Path.of(System.getProperty("user.dir"), "kamelets", "target");
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final long END_SECONDS = 30;

    private final Process process;
    private final Path output;

    private CamelProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** The jar that holds the Kamelets. */
    public static Path jar() {
        return files(TARGET, "bos-refund-kamelets-.*(?<!sources)\\.jar").get(0);
    }

    /** Puts Camel's CLI into that folder, as the command {@code camel}; returns the folder. */
    public static Path cli(Path folder) {
        try {
            // what JBang starts as the command
            Path main = Files.writeString(folder.resolve("CamelJBang.java"), """
                    public class CamelJBang {
                        public static void main(String... args) {
                            org.apache.camel.dsl.jbang.core.commands.CamelJBangMain.run(args);
                        }
                    }
                    """);
            Path command = Files.writeString(folder.resolve("camel"), "#!/bin/sh\nexec '" + JAVA + "' -cp '"
                    + TARGET.resolve("camel") + "/*' '" + main + "' \"$@\"\n");
            if (!command.toFile().setExecutable(true)) {
                throw new IOException(command + " cannot be made executable");
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A plain Camel main in that folder, with the routes of {@code routes/} there, and those settings, one a line. */
    public static CamelProcess main(Path folder, String settings) {
        try {
            Files.writeString(folder.resolve("application.properties"), """
                    camel.main.routes-include-pattern=file:routes/*.yaml
                    camel.main.shutdown-timeout=5
                    """ + settings);
            Files.writeString(folder.resolve("log4j2.properties"), """
                    appender.console.type=Console
                    appender.console.name=console
                    appender.console.layout.type=PatternLayout
                    appender.console.layout.pattern=%p %c{1} %m%n
                    rootLogger.level=INFO
                    rootLogger.appenderRef.console.ref=console
                    """);
            String libraries = Stream.concat(Stream.of(folder, jar()),
                    files(TARGET.resolve("camel"), "(?!camel-cli|camel-jbang|jolokia).*\\.jar").stream())
                    .map(Path::toString).collect(Collectors.joining(File.pathSeparator));
            List<String> command = List.of(JAVA.toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
                    libraries, "org.apache.camel.main.Main");
            Path output = folder.resolve("camel.out");
            Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile()).start();
            return new CamelProcess(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path folder, String name) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(name)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has printed so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
