// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import org.apache.camel.CamelContext;
import org.apache.camel.quarkus.main.events.BeforeConfigure;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.model.FileTrouble;

/** Adds the jars of the folder {@code refund.broker.jars} to the class path of {@code camel.beans.*}: a JMS provider's client. */
@Singleton
public class ProviderJars {

    /** Runs before Camel creates the beans. */
    void add(@Observes BeforeConfigure event, CamelContext camel, RefundConfig config) {
        config.broker().jars().ifPresent(folder -> camel.getClassResolver().addClassLoader(
                new URLClassLoader("refund.broker.jars", jars(folder), ProviderJars.class.getClassLoader())));
    }

    private static URL[] jars(Path folder) {
        List<URL> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path file : files) {
                jars.add(file.toUri().toURL());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("refund.broker.jars: " + FileTrouble.text(e), e);
        }
        if (jars.isEmpty()) {
            throw new IllegalStateException(
                    "refund.broker.jars: there is no jar in " + folder + "; put the client of the JMS provider there");
        }
        return jars.toArray(URL[]::new);
    }
}
