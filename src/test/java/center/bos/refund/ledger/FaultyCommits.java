package center.bos.refund.ledger;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Logger;

/** A driver in front of SQLite's own, for one ledger, whose commits can be told to fail, or to only seem to. */
final class FaultyCommits implements Driver, AutoCloseable {
    private static final int DISK_FULL = 13;

    private final String url;
    private final Driver sqlite = new org.sqlite.JDBC();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();

    private enum Fault {
        REFUSED, ANSWER_LOST
    }

    private FaultyCommits(String url) {
        this.url = url;
    }

    /** From now on connections to that ledger are this one's. */
    static FaultyCommits at(String url) throws SQLException {
        FaultyCommits faulty = new FaultyCommits(url);
        // the first that is registered is asked first
        Queue<Driver> others = new ArrayDeque<>(DriverManager.drivers().toList());
        for (Driver other : others) {
            DriverManager.deregisterDriver(other);
        }
        DriverManager.registerDriver(faulty);
        for (Driver other : others) {
            DriverManager.registerDriver(other);
        }
        return faulty;
    }

    /** So many of the next commits fail; then the next do not. */
    void refuse(int commits) {
        for (int commit = 0; commit < commits; commit++) {
            faults.add(Fault.REFUSED);
        }
    }

    /** The commit that is next, behind those that were spoken of, takes place and says that it failed. */
    void loseAnswer() {
        faults.add(Fault.ANSWER_LOST);
    }

    @Override
    public Connection connect(String to, Properties info) throws SQLException {
        if (!acceptsURL(to)) {
            return null;
        }
        Connection connection = sqlite.connect(to, info);
        return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{Connection.class},
                (proxy, method, arguments) -> {
                    Fault fault = method.getName().equals("commit") ? faults.poll() : null;
                    if (fault == Fault.REFUSED) {
                        throw new SQLException("the disk is full", null, DISK_FULL);
                    }
                    try {
                        Object result = method.invoke(connection, arguments);
                        if (fault == Fault.ANSWER_LOST) {
                            throw new SQLException("the answer was lost", null, DISK_FULL);
                        }
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public boolean acceptsURL(String to) {
        return to.equals(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String to, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public void close() throws SQLException {
        DriverManager.deregisterDriver(this);
    }
}
