// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.commons.codec.digest.HmacAlgorithms;
import org.apache.commons.codec.digest.HmacUtils;

import io.quarkus.elytron.security.common.BcryptUtil;
import io.quarkus.elytron.security.properties.runtime.MPRealmRuntimeConfig;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.UsernamePasswordAuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;

/**
 * Checks a login against {@code quarkus.security.users.embedded.*}, whose passwords are bcrypt hashes or clear text. It replaces
 * the extension's own check, which is open to timing attacks on clear passwords and knows no slow hash. A failed login takes
 * the time of one bcrypt hash, whoever the user is. A correct password is remembered by its HMAC under a key of this process,
 * so that only the first of many requests takes that time.
 */
@ApplicationScoped
public class Passwords implements IdentityProvider<UsernamePasswordAuthenticationRequest> {
    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");
    private static final byte[] NONE = {};

    private final MPRealmRuntimeConfig config;
    private final byte[] key = new byte[32];
    private final Map<String, byte[]> known = new ConcurrentHashMap<>();
    private final LocalLogin local;

    /** A hash of a password that nobody has; made at the first use, because it takes time. */
    private static final class Nobodys {
        static final String HASH = BcryptUtil.bcryptHash(UUID.randomUUID().toString());
    }

    Passwords(MPRealmRuntimeConfig config, LocalLogin local) {
        this.config = config;
        this.local = local;
        new SecureRandom().nextBytes(key);
        config.users().forEach((name, password) -> {
            if (!isBcrypt(password) && !password.isEmpty()) {
                known.put(name, hmac(password));
            }
        });
    }

    static boolean isBcrypt(String password) {
        return BCRYPT.matcher(password).matches();
    }

    @Override
    public Class<UsernamePasswordAuthenticationRequest> getRequestType() {
        return UsernamePasswordAuthenticationRequest.class;
    }

    @Override
    public int priority() {
        return SYSTEM_FIRST;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(UsernamePasswordAuthenticationRequest request,
            AuthenticationRequestContext context) {
        String name = request.getUsername();
        String given = new String(request.getPassword().getPassword());
        if (local.isIt(given.getBytes(StandardCharsets.UTF_8))) {
            return Uni.createFrom().item(QuarkusSecurityIdentity.builder()
                    .setPrincipal(new QuarkusPrincipal(name + " at the command line")).addRole("submit").addRole("view")
                    .build());
        }
        return MessageDigest.isEqual(known.getOrDefault(name, NONE), hmac(given))
                ? Uni.createFrom().item(identity(name))
                : context.runBlocking(() -> compare(name, given));
    }

    private SecurityIdentity compare(String name, String given) {
        String password = config.users().getOrDefault(name, Nobodys.HASH);
        String hash = isBcrypt(password) ? password : Nobodys.HASH;
        // other tools' names of the same algorithm
        if (!BcryptUtil.matches(given, hash.replaceFirst("^.2[by]", "\\$2a"))) {
            throw new AuthenticationFailedException();
        }
        known.put(name, hmac(given));
        return identity(name);
    }

    private SecurityIdentity identity(String name) {
        QuarkusSecurityIdentity.Builder caller = QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(name));
        for (String role : config.roles().getOrDefault(name, "").split(",")) {
            caller.addRole(role.strip());
        }
        return caller.build();
    }

    private byte[] hmac(String password) {
        return new HmacUtils(HmacAlgorithms.HMAC_SHA_256, key).hmac(password);
    }
}
