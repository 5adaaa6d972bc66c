// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.folder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * The address and login of the service on a data folder, in a file that only its user can read.
 *
 * @param url its base URL, without a slash at its end
 * @param asksForLogin whether callers have to log in
 */
public record ServiceAddress(String url, String password, boolean asksForLogin) {
    private static final String FILE = ".service";

    /** Writes the address into the data folder. */
    public void write(Path data) throws IOException {
        FileAttribute<?>[] forItsUser = FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[]{
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        Path part = data.resolve(FILE + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, forItsUser);
        Files.write(part, List.of(url, password, Boolean.toString(asksForLogin)), StandardCharsets.UTF_8);
        Files.move(part, data.resolve(FILE), StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes the address when the service ends. */
    public static void remove(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(FILE));
    }

    /**
     * The address of the service on a data folder; empty if no process holds the folder, because another program may listen where a
     * service was killed.
     */
    public static Optional<ServiceAddress> find(Path data) throws IOException {
        Path file = data.resolve(FILE);
        if (Files.notExists(file) || !DataFolder.isHeld(data)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        return lines.size() == 3
                ? Optional.of(new ServiceAddress(lines.get(0), lines.get(1), Boolean.parseBoolean(lines.get(2))))
                : Optional.empty();
    }

    /** Without the password, which must not reach a log. */
    @Override
    public String toString() {
        return url;
    }
}
