package center.bos.refund.queue;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.server.ServiceRegistry;
import org.apache.activemq.artemis.core.server.cluster.ClusterConnection;
import org.apache.activemq.artemis.core.server.impl.ServiceRegistryImpl;
import org.apache.activemq.artemis.core.server.metrics.MetricsManager;
import org.apache.activemq.artemis.spi.core.protocol.ProtocolManager;
import org.apache.activemq.artemis.spi.core.remoting.Acceptor;
import org.apache.activemq.artemis.spi.core.remoting.BufferHandler;
import org.apache.activemq.artemis.spi.core.remoting.ServerConnectionLifeCycleListener;

/**
 * What the embedded broker works on. It hands each message from thread to thread several times; where those are
 * virtual, and the processors busy, that costs no system call. What writes pages and the journal's buffer to the disk
 * stays on threads of the system.
 */
final class BrokerThreads {
    /** Before, a virtual thread in a synchronized block holds its processor while it waits. */
    private static final int FIRST_JAVA_THAT_SYNCHRONIZES_THEM = 24;

    private BrokerThreads() {
    }

    /** For one start of the broker: it shuts its I/O executor down when it stops. */
    static ServiceRegistry registry(String acceptor) {
        ServiceRegistry registry = new ServiceRegistryImpl();
        VirtualThreads.perTask(FIRST_JAVA_THAT_SYNCHRONIZES_THEM).ifPresent(general -> {
            registry.setExecutorService(general);
            registry.addAcceptorFactory(acceptor, new InVm(general));
        });
        VirtualThreads.perTask(FIRST_JAVA_THAT_SYNCHRONIZES_THEM).ifPresent(registry::setIOExecutorService);
        return registry;
    }

    /** Takes what comes in on those threads, where Artemis leaves no choice. */
    private static final class InVm extends InVMAcceptorFactory {
        private final ExecutorService threads;

        InVm(ExecutorService threads) {
            this.threads = threads;
        }

        @Override
        public Acceptor createAcceptor(String name, ClusterConnection cluster, Map<String, Object> settings,
                BufferHandler handler,
                ServerConnectionLifeCycleListener listener, Executor replaced, ScheduledExecutorService scheduled,
                Map<String, ProtocolManager> protocols, String threadGroup, MetricsManager metrics) {
            return super.createAcceptor(name, cluster, settings, handler, listener, threads, scheduled, protocols,
                    threadGroup, metrics);
        }
    }
}
