// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.access;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.commons.codec.digest.DigestUtils;

import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Nodes;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.security.spi.runtime.BlockingSecurityExecutor;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/**
 * The login of a node that forwards a caller's request to another node of the same ledger. It names the caller and is valid for
 * that request only: signed (Ed25519) over its method, path and body, for one run of the other node, once, and for seconds. The
 * private key never leaves the process; the public key is in the ledger.
 */
@ApplicationScoped
public class NodeLogins implements HttpAuthenticationMechanism {
    /** Of the Authorization header. */
    public static final String SCHEME = "Refund-Node ";
    /** Attribute of the caller's identity: the SHA-256 of the body that was signed. */
    public static final String BODY = "signed-body";
    private static final Duration VALID = Duration.ofSeconds(20);
    private static final String ALGORITHM = "Ed25519";
    /** Before mechanisms that look at the same header. */
    private static final int FIRST = 10_000;

    private final Ledger ledger;
    private final RefundConfig config;
    private final BlockingSecurityExecutor blocking;
    private final ObjectMapper json;
    private final String run = UUID.randomUUID().toString();
    /** The logins that were used, with the end of their validity. */
    private final Map<String, Long> used = new ConcurrentHashMap<>();
    private KeyPair keys;

    NodeLogins(Ledger ledger, RefundConfig config, BlockingSecurityExecutor blocking, ObjectMapper json) {
        this.ledger = ledger;
        this.config = config;
        this.blocking = blocking;
        this.json = json;
    }

    /** What is signed. */
    private record Claims(String from, String to, String caller, List<String> roles, String method, String uri,
            String body, long until, String nonce) {
    }

    /** Publishes the URL and the public key of this node. */
    public void announce(String url) {
        ledger.nodes().announce(new Nodes.Node(config.node(), url, run,
                Base64.getEncoder().encodeToString(keys().getPublic().getEncoded())));
    }

    /**
     * The Authorization header of one request to another node.
     *
     * @param caller the caller; empty if callers need no login, and such a login is refused where they do
     * @param uri path and query as they are sent
     */
    public String header(Nodes.Node to, String caller, List<String> roles, String method, String uri, byte[] body) {
        try {
            byte[] claims = json.writeValueAsBytes(new Claims(config.node(), to.run(), caller, roles, method, uri,
                    DigestUtils.sha256Hex(body), ledger.nodes().millis() + VALID.toMillis(),
                    UUID.randomUUID().toString()));
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(keys().getPrivate());
            signature.update(claims);
            return SCHEME + base64(claims) + "." + base64(signature.sign());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager providers) {
        String header = context.request().getHeader("Authorization");
        return header != null && header.startsWith(SCHEME)
                ? blocking.executeBlocking(() -> identity(header.substring(SCHEME.length()), context.request()))
                : Uni.createFrom().nullItem();
    }

    private SecurityIdentity identity(String login, HttpServerRequest request) {
        try {
            String[] parts = login.split("\\.", 2);
            byte[] signed = Base64.getUrlDecoder().decode(parts[0]);
            Claims claims = json.readValue(signed, Claims.class);
            if (!run.equals(claims.to()) || claims.caller().isEmpty() // before anything is asked for: who does not know the run
                    || !request.method().name().equals(claims.method()) || !request.uri().equals(claims.uri())) {
                throw new AuthenticationFailedException();
            }
            Nodes.Node from = ledger.nodes().running(claims.from()).orElseThrow(AuthenticationFailedException::new);
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(from.publicKey()))));
            signature.update(signed);
            long now = ledger.nodes().millis();
            if (!signature.verify(Base64.getUrlDecoder().decode(parts[1])) || claims.until() <= now
                    || claims.until() > now + VALID.toMillis()) {
                throw new AuthenticationFailedException();
            }
            used.values().removeIf(until -> until <= now);
            if (used.putIfAbsent(claims.nonce(), claims.until()) != null) {
                throw new AuthenticationFailedException();
            }
            QuarkusSecurityIdentity.Builder caller = QuarkusSecurityIdentity.builder()
                    .setPrincipal(new QuarkusPrincipal(claims.caller())).addAttribute(BODY, claims.body());
            claims.roles().forEach(caller::addRole);
            return caller.build();
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new AuthenticationFailedException(); // with nothing of the login
        }
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom().nullItem();
    }

    @Override
    public int getPriority() {
        return FIRST;
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Made when they are first needed, which is never where there is one node. */
    private synchronized KeyPair keys() {
        try {
            keys = keys == null ? KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair() : keys;
            return keys;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
