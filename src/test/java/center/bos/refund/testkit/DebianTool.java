// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.opentest4j.TestAbortedException;

/** What {@code .ci/run} installs for the tests. There they must run; elsewhere they are left out on a machine that lacks it. */
public final class DebianTool {
    private DebianTool() {
    }

    /** The program of the package of that name. */
    public static Path find(String name) {
        return find(name, name);
    }

    /** A program of that package. */
    public static Path find(String program, String name) {
        List<Path> places = new ArrayList<>();
        for (String folder : (System.getenv("PATH") + File.pathSeparator + "/usr/sbin").split(File.pathSeparator)) {
            places.add(Path.of(folder, program));
        }
        return first(name, places);
    }

    /** A library of that package, by its path below the folder of the machine's architecture. */
    public static Path library(String name, String path) {
        List<Path> places = new ArrayList<>();
        try (DirectoryStream<Path> architectures = Files.newDirectoryStream(Path.of("/usr/lib"), Files::isDirectory)) {
            architectures.forEach(folder -> places.add(folder.resolve(path)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return first(name, places);
    }

    private static Path first(String name, List<Path> places) {
        return places.stream().filter(Files::isRegularFile).findFirst().orElseThrow(() -> System.getenv("CI") == null
                ? new TestAbortedException("apt-get install " + name)
                : new IllegalStateException(name + " is not there: .ci/run has to install it"));
    }
}
