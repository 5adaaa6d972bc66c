// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import center.bos.refund.database.LedgerDatabase;

/** Commits of the writer that can be told to fail, or to only seem to. */
final class FaultyCommits {
    private static final int DISK_FULL = 13;

    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private volatile Runnable before;

    private enum Fault {
        REFUSED, ANSWER_LOST, CONFLICT
    }

    /** So many commits fail, behind those that were spoken of before. */
    void refuse(int commits) {
        for (int commit = 0; commit < commits; commit++) {
            faults.add(Fault.REFUSED);
        }
    }

    /** Runs that before the next commit. */
    void before(Runnable task) {
        before = task;
    }

    /** One commit fails, behind those that were spoken of before, because of a conflict with another node's. */
    void conflict() {
        faults.add(Fault.CONFLICT);
    }

    /** One commit, behind those that were spoken of before, takes place and says that it failed. */
    void loseAnswer() {
        faults.add(Fault.ANSWER_LOST);
    }

    /** The same database, with such commits. */
    LedgerDatabase around(LedgerDatabase database) {
        return new LedgerDatabase(database.dialect(), () -> around(database.writer()), database::reader,
                database::close);
    }

    private Connection around(Connection connection) {
        return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{Connection.class},
                (proxy, method, arguments) -> {
                    Runnable first = before;
                    if (first != null && method.getName().equals("commit")) {
                        before = null;
                        first.run();
                    }
                    Fault fault = method.getName().equals("commit") ? faults.poll() : null;
                    if (fault == Fault.CONFLICT) {
                        throw new SQLException("deadlock detected", "40P01", 0);
                    }
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
}
