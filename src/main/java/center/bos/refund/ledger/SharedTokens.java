// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.token.TokenStore;
import center.bos.refund.token.TokenUnavailable;

/** The newest bearer token of each client, encrypted, for nodes that share the ledger. One node at a time renews it. */
public final class SharedTokens implements TokenStore {
    /** Longer than an authorize call may take. */
    private static final String WAITS = """
            SELECT set_config('lock_timeout', '40s', true), set_config('idle_in_transaction_session_timeout', '40s', true)""";
    private static final String PLACE = "INSERT INTO token (client) VALUES (?) ON CONFLICT (client) DO NOTHING";
    private static final String NEWEST = """
            SELECT coalesce(sealed, ''), expires_at FROM token WHERE client = ? FOR UPDATE""";
    private static final String REPLACE = "UPDATE token SET sealed = ?, expires_at = ? WHERE client = ?";

    private final LedgerDatabase database;

    SharedTokens(LedgerDatabase database) {
        this.database = database;
    }

    @Override
    public void renew(String client, Renewal renewal) throws IOException {
        try {
            renewInLedger(client, renewal);
        } catch (SQLException | LedgerUnavailable e) {
            throw new IOException(e);
        }
    }

    private void renewInLedger(String client, Renewal renewal) throws SQLException, TokenUnavailable {
        Jdbc jdbc = new Jdbc(database.writer());
        try {
            jdbc.list(WAITS, found -> found.getString(1));
            jdbc.update(PLACE, client);
            Sealed newest = jdbc.one(NEWEST, found -> new Sealed(found.getString(1), found.getLong(2)), client)
                    .orElseThrow();
            Optional<Sealed> newer = renewal.renew(newest);
            if (newer.isPresent()) {
                jdbc.update(REPLACE, newer.get().text(), newer.get().expiresAt(), client);
            }
            jdbc.commit();
        } finally {
            jdbc.abandon();
        }
    }
}
