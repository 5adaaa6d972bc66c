// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.File;
import java.util.concurrent.CountDownLatch;

import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.broker.ProducerBrokerExchange;
import org.apache.activemq.broker.region.policy.PolicyEntry;
import org.apache.activemq.broker.region.policy.PolicyMap;
import org.apache.activemq.command.ConnectionInfo;
import org.apache.activemq.command.Message;
import org.apache.activemq.store.kahadb.KahaDBPersistenceAdapter;

/** An ActiveMQ Classic broker: its folder and its port are the arguments. */
public final class ClassicMain {

    private ClassicMain() {
    }

    public static void main(String[] args) throws Exception {
        BrokerService broker = new BrokerService();
        broker.setBrokerName("classic");
        broker.setUseJmx(false);
        broker.setUseShutdownHook(false);
        broker.setDataDirectory(args[0]);
        KahaDBPersistenceAdapter store = new KahaDBPersistenceAdapter();
        store.setDirectory(new File(args[0], "kahadb"));
        broker.setPersistenceAdapter(store);
        PolicyEntry inOrderOfPriority = new PolicyEntry();
        inOrderOfPriority.setPrioritizedMessages(true);
        PolicyMap policies = new PolicyMap();
        policies.setDefaultEntry(inOrderOfPriority);
        broker.setDestinationPolicy(policies);
        broker.setPlugins(new BrokerPlugin[]{Logins::new});
        broker.addConnector("tcp://127.0.0.1:" + args[1]);
        broker.start();
        broker.waitUntilStarted();
        System.out.println(BrokerProcess.IS_UP);
        new CountDownLatch(1).await();
    }

    /** Lets the one user in, who may not write to one queue. */
    private static final class Logins extends BrokerFilter {
        Logins(Broker next) {
            super(next);
        }

        @Override
        public void addConnection(ConnectionContext context, ConnectionInfo info) throws Exception {
            if (!BrokerProcess.USER.equals(info.getUserName()) || !BrokerProcess.PASSWORD.equals(info.getPassword())) {
                throw new SecurityException("no such user or another password");
            }
            super.addConnection(context, info);
        }

        @Override
        public void send(ProducerBrokerExchange producer, Message message) throws Exception {
            if (message.getDestination().getPhysicalName().equals(BrokerProcess.FORBIDDEN)) {
                throw new SecurityException("the user may not write there");
            }
            super.send(producer, message);
        }
    }
}
