// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import center.bos.refund.testkit.RefundProcess;

/**
 * A folder whose disk can be filled: a small tmpfs where one can be mounted. Elsewhere the process is kept from making
 * any file longer, which its writes meet as an error all the same.
 */
final class SmallDisk implements AutoCloseable {
    private static final int BLOCK = 16 * 1024;

    private final Path folder;
    private final boolean mounted;

    private SmallDisk(Path folder, boolean mounted) {
        this.folder = folder;
        this.mounted = mounted;
    }

    static SmallDisk mount(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        return new SmallDisk(folder, run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder.toString()) == 0);
    }

    Path folder() {
        return folder;
    }

    /** Takes all room away from a process. */
    void fill(RefundProcess process) throws IOException, InterruptedException {
        if (!mounted) {
            require(run("prlimit", "--pid", Long.toString(process.pid()), "--fsize=0:unlimited"));
            return;
        }
        try (OutputStream filler = Files.newOutputStream(filler())) {
            for (byte[] block = new byte[BLOCK];;) {
                filler.write(block);
            }
        } catch (IOException full) {
            // that is the point
        }
    }

    /** Gives the room back. */
    void makeRoom(RefundProcess process) throws IOException, InterruptedException {
        if (mounted) {
            Files.delete(filler());
        } else {
            require(run("prlimit", "--pid", Long.toString(process.pid()), "--fsize=unlimited:unlimited"));
        }
    }

    /** A folder in it that nobody can write, not even root where it is mounted. */
    Path readOnly() throws IOException, InterruptedException {
        Path closed = Files.createDirectories(folder.resolve("closed"));
        if (mounted) {
            require(run("mount", "-o", "remount,ro", folder.toString()));
        } else {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        return closed;
    }

    private Path filler() {
        return folder.resolve("filler");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (mounted) {
            require(run("umount", "-l", folder.toString()));
        }
    }

    private static void require(int exit) {
        if (exit != 0) {
            throw new IllegalStateException("failed with " + exit);
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (IOException absent) {
            return -1;
        }
    }
}
