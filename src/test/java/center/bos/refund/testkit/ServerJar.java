// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A jar that runs {@link BosServer}, as a process that is there without packaging the product. */
public final class ServerJar {

    private ServerJar() {
    }

    /** Makes the jar in that folder, if it is not there. */
    public static Path in(Path folder) throws IOException {
        Path jar = folder.resolve("server.jar");
        if (Files.exists(jar)) {
            // a process may be starting from it
            return jar;
        }
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, BosServer.class.getName());
        attributes.put(Attributes.Name.CLASS_PATH,
                Path.of(System.getProperty("user.dir"), "target", "test-classes").toUri().toString());
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }
}
