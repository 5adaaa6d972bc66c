package center.bos.refund.access;

import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.config.inject.ConfigProperty;

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
 * Checks a login against {@code quarkus.security.users.embedded.*}. It takes the place of the extension's own check, which
 * compares plain passwords in a time that tells how many of their first characters are right.
 */
@ApplicationScoped
public class Passwords implements IdentityProvider<UsernamePasswordAuthenticationRequest> {
    private static final String NOBODY = "";

    private final MPRealmRuntimeConfig config;
    private final String realm;

    Passwords(MPRealmRuntimeConfig config,
            @ConfigProperty(name = "quarkus.security.users.embedded.realm-name", defaultValue = "Quarkus") String realm) {
        this.config = config;
        this.realm = realm;
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
        String expected = config.users().getOrDefault(name, NOBODY);
        byte[] given = utf8(request.getPassword().getPassword());
        boolean same = config.plainText()
                ? MessageDigest.isEqual(digest("SHA-256", given), digest("SHA-256", utf8(expected.toCharArray())))
                : MessageDigest.isEqual(hashed(name, given), hex(expected));
        if (!same || expected.equals(NOBODY)) {
            return Uni.createFrom().failure(new AuthenticationFailedException());
        }
        QuarkusSecurityIdentity.Builder caller = QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(name)).addCredential(request.getPassword());
        for (String role : config.roles().getOrDefault(name, "").split(",")) {
            caller.addRole(role.strip());
        }
        return Uni.createFrom().item(caller.build());
    }

    /** As Quarkus has it: the hash of name, realm and password with colons between them. */
    private byte[] hashed(String name, byte[] password) {
        byte[] start = (name + ":" + realm + ":").getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(start, start.length + password.length);
        System.arraycopy(password, 0, all, start.length, password.length);
        String algorithm = config.algorithm().name().replaceFirst("^DIGEST_", "").toUpperCase(Locale.ROOT)
                .replace("512_256", "512/256").replace('_', '-');
        return digest(algorithm.equals("SHA") ? "SHA-1" : algorithm, all);
    }

    private static byte[] hex(String text) {
        try {
            return HexFormat.of().parseHex(text.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(char[] text) {
        java.nio.ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
        return Arrays.copyOf(bytes.array(), bytes.limit());
    }
}
