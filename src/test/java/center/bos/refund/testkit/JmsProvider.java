// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

import jakarta.jms.ConnectionFactory;

import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.fusesource.hawtbuf.Buffer;

/** The ways in which the product speaks to a broker, each with a broker that is spoken to so. */
public enum JmsProvider {
    /** Artemis' own protocol. */
    ARTEMIS {
        @Override
        public BrokerProcess start(Path folder) {
            return BrokerProcess.start(folder);
        }

        @Override
        public ConnectionFactory client(BrokerProcess broker) {
            return new ActiveMQConnectionFactory(broker.url(), BrokerProcess.USER, BrokerProcess.PASSWORD);
        }
    },
    /** AMQP 1.0. */
    AMQP {
        @Override
        public ConnectionFactory client(BrokerProcess broker) {
            return new JmsConnectionFactory(BrokerProcess.USER, BrokerProcess.PASSWORD, broker.url("amqp"));
        }

        @Override
        public RefundProcess.Launch configure(RefundProcess.Launch launch, BrokerProcess broker, Path workDir) {
            return super.configure(launch, broker, workDir).env("REFUND_BROKER_URL", broker.url("amqp"));
        }
    },
    /** ActiveMQ Classic, whose client the product does not have. */
    CLASSIC {
        @Override
        public BrokerProcess start(Path folder) {
            return BrokerProcess.startClassic(folder);
        }

        @Override
        public ConnectionFactory client(BrokerProcess broker) {
            return new org.apache.activemq.ActiveMQConnectionFactory(BrokerProcess.USER, BrokerProcess.PASSWORD,
                    broker.url());
        }

        @Override
        public RefundProcess.Launch configure(RefundProcess.Launch launch, BrokerProcess broker, Path workDir) {
            try {
                Path jars = Files.createDirectories(workDir.resolve("jms"));
                for (Class<?> ofJar : List.of(org.apache.activemq.ActiveMQConnectionFactory.class, Buffer.class)) {
                    Path jar = Path.of(ofJar.getProtectionDomain().getCodeSource().getLocation().toURI());
                    Files.copy(jar, jars.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
                String printed = MarkdownBlock.of(Path.of("docs", "integration.md")).stream().map(MarkdownBlock::text)
                        .filter(block -> block.contains("org.apache.activemq.")).findFirst().orElseThrow();
                Files.writeString(workDir.resolve("application.properties"), printed
                        .replace("=erp\n", "=" + BrokerProcess.USER + "\n")
                        .replace("=secret\n", "=" + BrokerProcess.PASSWORD + "\n")
                        .replace("/opt/refund/jms", jars.toString()).replace("tcp://broker:61616", broker.url()));
                return launch;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
    };

    /** Starts a broker. */
    public BrokerProcess start(Path folder) {
        return BrokerProcess.startWithAllProtocols(folder);
    }

    /** Connections of a client outside. */
    public abstract ConnectionFactory client(BrokerProcess broker);

    /** Points a service that runs in a folder at the broker; that of ActiveMQ Classic as docs/integration.md prints it. */
    public RefundProcess.Launch configure(RefundProcess.Launch launch, BrokerProcess broker, Path workDir) {
        return launch.env("REFUND_BROKER_URL", broker.url()).env("REFUND_BROKER_USER", BrokerProcess.USER)
                .env("REFUND_BROKER_PASSWORD", BrokerProcess.PASSWORD);
    }
}
