// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.File;
import java.util.concurrent.CountDownLatch;

import org.apache.activemq.broker.Broker;
import org.apache.activemq.broker.BrokerFilter;
import org.apache.activemq.broker.BrokerPlugin;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.ConnectionContext;
import org.apache.activemq.command.ConnectionInfo;
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
        broker.setPlugins(new BrokerPlugin[]{Logins::new});
        broker.addConnector("tcp://127.0.0.1:" + args[1]);
        broker.start();
        broker.waitUntilStarted();
        System.out.println(BrokerProcess.IS_UP);
        new CountDownLatch(1).await();
    }

    /** Lets the one user in. */
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
    }
}
