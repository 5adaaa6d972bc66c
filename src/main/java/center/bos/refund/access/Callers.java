// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import io.quarkus.elytron.security.properties.runtime.MPRealmRuntimeConfig;
import io.quarkus.runtime.StartupEvent;

/** The configured callers: users, an OpenID Connect server, or none; without any, only this machine may call. */
@ApplicationScoped
public class Callers {
    private static final Logger LOG = Logger.getLogger(Callers.class);

    private final MPRealmRuntimeConfig embedded;
    private final boolean tokens;
    private final boolean loginPage;

    Callers(MPRealmRuntimeConfig embedded,
            @ConfigProperty(name = "quarkus.oidc.auth-server-url") Optional<String> server,
            @ConfigProperty(name = "quarkus.oidc.public-key") Optional<String> publicKey,
            @ConfigProperty(name = "quarkus.oidc.application-type") String type) {
        this.embedded = embedded;
        tokens = server.isPresent() || publicKey.isPresent();
        loginPage = server.isPresent() && !type.equals("service");
    }

    /** Refuses to start if anybody on the network could call, or a password is stored as a fast hash. */
    void check(@Observes StartupEvent start, RefundConfig config,
            @ConfigProperty(name = "quarkus.http.host-enabled", defaultValue = "true") boolean listening,
            @ConfigProperty(name = "quarkus.http.host") String host,
            @ConfigProperty(name = "quarkus.http.proxy.proxy-address-forwarding") boolean forwarding,
            @ConfigProperty(name = "quarkus.http.proxy.trusted-proxies") Optional<String> proxies) {
        if (forwarding && proxies.isEmpty()) {
            throw new IllegalStateException(
                    "quarkus.http.proxy.proxy-address-forwarding is set and no proxy is named, so"
                            + " anybody could say where a request comes from: set refund.http.trusted-proxies (docs/security.md)");
        }
        if (!listening) {
            return;
        }
        embedded.users().forEach((name, password) -> {
            if (!embedded.plainText() && !Passwords.isBcrypt(password)) {
                throw new IllegalStateException("quarkus.security.users.embedded.users." + name
                        + " is not a bcrypt hash: write what the command hash prints (docs/security.md)");
            }
        });
        if (configured()) {
            return;
        }
        if (forwarding) {
            throw new IllegalStateException("refund.http.trusted-proxies is set and no caller is configured, so whoever"
                    + " reaches the proxy could have customers texted: set quarkus.security.users.embedded.* or"
                    + " quarkus.oidc.* (docs/security.md)");
        }
        if (!isLoopback(host)) {
            throw new IllegalStateException(
                    "refund.http.host is " + host + " and no caller is configured, so anybody could"
                            + " have customers texted: set quarkus.security.users.embedded.* or quarkus.oidc.*, or"
                            + " refund.http.host=127.0.0.1 (docs/security.md)");
        }
        if (config.releaseAbove().isPresent()) {
            throw new IllegalStateException(
                    "refund.release-above is set and no caller is configured, so one person cannot be"
                            + " told from another: set quarkus.security.users.embedded.* or quarkus.oidc.* (docs/security.md)");
        }
        LOG.warnf("No caller is configured: whoever is on this machine may submit and view without logging in"
                + " (docs/security.md)");
    }

    /** Whether callers have to log in. */
    public boolean configured() {
        return !embedded.users().isEmpty() || tokens;
    }

    /** Whether a person in a browser logs in on a page of the OpenID Connect server. */
    boolean haveLoginPage() {
        return loginPage;
    }

    /** The challenge (WWW-Authenticate) for a caller without a login. */
    String challenge() {
        return !embedded.users().isEmpty() ? "Basic realm=\"bos-refund\"" : "Bearer";
    }

    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
