// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.HierarchicalRepository;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;

/** An Artemis broker, on whichever version's libraries it is run: its folder, its port and its protocols are the arguments. */
public final class ArtemisMain {

    private ArtemisMain() {
    }

    public static void main(String[] args) throws Exception {
        SecurityConfiguration users = new SecurityConfiguration(
                Map.of(BrokerProcess.USER, BrokerProcess.PASSWORD), Map.of(BrokerProcess.USER, List.of("all")));
        Path folder = Path.of(args[0]);
        Configuration configuration = new ConfigurationImpl().setName("outside").setSecurityEnabled(true)
                .setPersistenceEnabled(true).setJournalType(JournalType.NIO).setJournalFileSize(10 << 20)
                // it outlives the process, not the machine, and is written at once
                .setJournalDatasync(false).setJournalBufferTimeout_NIO(50_000)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString()).setMaxDiskUsage(-1)
                .setJMXManagementEnabled(false)
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + args[1] + "?protocols=" + args[2]);
        configuration.putSecurityRoles("#", Set.of(new Role("all", true, true, true, true, true, true, true, true, true,
                true, true, true)));
        configuration.putSecurityRoles(BrokerProcess.FORBIDDEN, Set.of(new Role("nobody", true, true, true, true, true,
                true, true, true, true, true, true, true)));
        configuration.addQueueConfiguration(
                QueueConfiguration.of(BrokerProcess.FORBIDDEN).setRoutingType(RoutingType.ANYCAST));
        configuration.addAddressSetting("#", settings().setMaxSizeBytes(20 << 20)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE));
        configuration.addAddressSetting(BrokerProcess.FULL, settings().setMaxSizeBytes(1)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK));
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ().setConfiguration(configuration)
                .setSecurityManager(new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users));
        broker.start();
        System.out.println(BrokerProcess.IS_UP);
        while (true) {
            limit(broker, folder.resolve(BrokerProcess.LIMIT));
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** While that file is there, the dead letter queue takes nothing. */
    private static void limit(EmbeddedActiveMQ broker, Path file) {
        HierarchicalRepository<AddressSettings> all = broker.getActiveMQServer().getAddressSettingsRepository();
        boolean limited = all.getMatch("bos.refund.dead").getMaxSizeBytes() == 1;
        if (Files.exists(file) && !limited) {
            all.addMatch("bos.refund.dead", settings().setMaxSizeBytes(1)
                    .setAddressFullMessagePolicy(AddressFullMessagePolicy.FAIL));
        } else if (Files.notExists(file) && limited) {
            all.addMatch("bos.refund.dead", settings().setMaxSizeBytes(20 << 20)
                    .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE));
        }
    }

    private static AddressSettings settings() {
        return new AddressSettings().setAutoCreateQueues(true).setAutoCreateAddresses(true).setAutoDeleteQueues(false)
                .setAutoDeleteAddresses(false).setMaxDeliveryAttempts(-1)
                .setDefaultAddressRoutingType(RoutingType.ANYCAST).setDefaultQueueRoutingType(RoutingType.ANYCAST)
                .setDeadLetterAddress(SimpleString.of("DLQ")).setExpiryAddress(SimpleString.of("ExpiryQueue"));
    }
}
