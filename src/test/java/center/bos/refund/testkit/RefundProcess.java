// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packaged application as a real process of its own; closing it kills it. */
public final class RefundProcess implements AutoCloseable {
    private static final Path APP = Path.of(System.getProperty("user.dir"), "target", "quarkus-app");
    /** A process of a test lives for seconds: it is compiled once, by the fast compiler, and takes little memory. */
    private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final Path NATIVE = APP.resolve("native/Linux")
            .resolve(System.getProperty("os.arch").replace("amd64", "x86_64"))
            .toAbsolutePath();

    private static final Duration KILL = Duration.ofSeconds(30);

    private final Process process;
    private final Path stdout;
    private final Path stderr;

    private RefundProcess(Process process, Path stdout, Path stderr) {
        this.process = process;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** Begins a launch in that folder, which then holds {@code data/}; made if it is not there. */
    public static Launch in(Path workDir) {
        return new Launch(workDir);
    }

    /** The archive of classes that the build left for a command and the test's Java. */
    public static Optional<Path> archive(String command) {
        String java = System.getProperty("java.version");
        return Stream.of(command + "-" + java + ".aot", "refund-" + java + ".aot", "refund-" + java + ".jsa")
                .map(APP::resolve).filter(Files::exists).findFirst();
    }

    /** How a process is to be started. */
    public static final class Launch {

        private final Path workDir;
        private final Map<String, String> env = new LinkedHashMap<>();
        private final List<String> jvmArgs = new ArrayList<>();
        private Path jar = APP.resolve("quarkus-run.jar");
        private boolean archived;
        private Path javaHome = Path.of(System.getProperty("java.home"));

        private Launch(Path workDir) {
            this.workDir = workDir;
            env.put("REFUND_MANAGEMENT_PORT", "0"); // or a neighbour's port could be somebody else's
        }

        /** Sets an environment variable, on top of those of the test. */
        public Launch env(String name, String value) {
            env.put(name, value);
            return this;
        }

        /** Points the application at that server for calls and tokens, with the credentials of {@link TokenDesk}. */
        public Launch against(BosServer bos) {
            return env("BOS_BASE_URL", bos.baseUrl()).env("BOS_TOKEN_URL", bos.tokenUrl())
                    .env("BOS_TOKEN_CLIENT_ID", TokenDesk.CLIENT_ID)
                    .env("BOS_TOKEN_CLIENT_SECRET", TokenDesk.CLIENT_SECRET);
        }

        /** Runs on that Java, in place of the test's own. */
        public Launch java(Path javaHome) {
            this.javaHome = javaHome;
            return this;
        }

        /** Adds one argument for the JVM, such as {@code -Xmx256m}. */
        public Launch jvmArg(String arg) {
            jvmArgs.add(arg);
            return this;
        }

        /** Runs it as {@code ./refund} does, where the build left an archive for the test's Java; it is faster to start. */
        public Launch archived() {
            archived = true;
            return this;
        }

        /** Runs that jar, in place of the packaged application. */
        public Launch jar(Path jar) {
            this.jar = jar;
            return this;
        }

        /** Starts it with these arguments. */
        public RefundProcess start(String... args) {
            if (archived) {
                archive(args[0]).ifPresent(archive -> {
                    jar = APP.resolve("refund.jar");
                    jvmArgs.add((archive.toString().endsWith(".aot") ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=")
                            + archive);
                    jvmArgs.add("-Xlog:cds=off");
                });
            }
            if (!Files.isRegularFile(jar)) {
                throw new IllegalStateException("not packaged yet, run ./mvnw package: " + jar);
            }
            List<String> command = new ArrayList<>();
            command.add(javaHome.resolve("bin").resolve("java").toString());
            command.addAll(SHORT_LIVED);
            command.add("-Dorg.sqlite.lib.path=" + NATIVE); // as ./refund does: a process that is killed leaves a copy in /tmp
            command.addAll(jvmArgs); // the last that says something counts
            command.add("-jar");
            command.add(jar.toAbsolutePath().toString());
            command.addAll(List.of(args));
            try {
                Files.createDirectories(workDir);
                Path stdout = Files.createTempFile(workDir, "process-", ".out");
                Path stderr = Path.of(stdout.toString().replaceFirst("\\.out$", ".err"));
                ProcessBuilder builder = new ProcessBuilder(command).directory(workDir.toFile())
                        .redirectOutput(file(stdout)).redirectError(file(stderr));
                builder.environment().putAll(env);
                return new RefundProcess(builder.start(), stdout, stderr);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static File file(Path path) {
            return path.toAbsolutePath().toFile();
        }
    }

    /** The id that the operating system knows it by. */
    public long pid() {
        return process.pid();
    }

    /** Whether it still runs; a paused process does. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Types a line, as a person who is asked. */
    public void type(String line) {
        try {
            process.outputWriter().append(line).append('\n').flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it at once (SIGKILL) and waits until it is gone. */
    public void kill9() {
        process.destroyForcibly();
        if (!awaitEnd(KILL)) {
            throw new AssertionError("process " + pid() + " outlives SIGKILL");
        }
    }

    /** Asks it to stop (SIGTERM) and does not wait. */
    public void terminate() {
        process.destroy();
    }

    /** Tells it that its terminal was closed (SIGHUP) and does not wait. */
    public void hangUp() {
        signal("HUP");
    }

    /** Stops it where it stands (SIGSTOP). */
    public void pause() {
        signal("STOP");
    }

    /** Lets a paused process go on (SIGCONT). */
    public void resume() {
        signal("CONT");
    }

    /** Waits for its end and returns the exit code; fails with what it wrote if it takes longer. */
    public int waitFor(Duration timeout) {
        if (!awaitEnd(timeout)) {
            throw new AssertionError("process " + pid() + " still runs after " + timeout + "; it wrote:\n" + output());
        }
        return process.exitValue();
    }

    /** What it wrote so far to its standard output. */
    public String stdout() {
        return read(stdout);
    }

    /** What it wrote so far to its standard error. */
    public String stderr() {
        return read(stderr);
    }

    /** What it wrote so far, its standard output first. */
    public String output() {
        return stdout() + stderr();
    }

    @Override
    public void close() {
        kill9();
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + name + " " + pid() + " failed with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private boolean awaitEnd(Duration timeout) {
        try {
            return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String read(Path file) {
        try {
            // bytes that do not decode must not hide the rest
            return new String(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
