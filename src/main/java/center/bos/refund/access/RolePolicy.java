// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.function.BiConsumer;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.problem.Problems;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.quarkus.oidc.OIDCException;
import io.quarkus.oidc.runtime.OidcAuthenticationMechanism;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.quarkus.security.AuthenticationCompletionException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.AuthenticationRedirectException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpSecurityPolicy;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;

/**
 * Checks every request to the server, whatever its path: only liveness is served without a role. Reading needs {@code view},
 * everything else {@code submit}.
 */
@ApplicationScoped
public class RolePolicy implements HttpSecurityPolicy {
    private static final Logger LOG = Logger.getLogger(RolePolicy.class);
    private static final String LIVENESS = "/q/health/live";
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);
    private static final int LONGEST_NAME = 64;
    /** In place of Quarkus' own policy, which answers without a problem document. */
    private static final BiConsumer<RoutingContext, Throwable> LEFT_TO_THIS_POLICY = (request, failure) -> {
    };

    private final Callers callers;
    private final Problems problems;
    private final RefusedLogins refusedLogins;
    private final OidcAuthenticationMechanism loginPage;
    private final boolean simulator = ConfigUtils.isProfileActive("demo") || ConfigUtils.isProfileActive("test");

    RolePolicy(Callers callers, Problems problems, RefusedLogins refusedLogins,
            OidcAuthenticationMechanism loginPage) {
        this.callers = callers;
        this.loginPage = loginPage;
        this.refusedLogins = refusedLogins;
        this.problems = problems;
    }

    @Override
    public Uni<CheckResult> checkPermission(RoutingContext context, Uni<SecurityIdentity> identity,
            AuthorizationRequestContext unused) {
        HttpServerRequest request = context.request();
        String path = context.normalizedPath();
        if (READING.contains(request.method()) && path.equals(LIVENESS)
                || simulator && path.startsWith("/simulator/")) {
            return CheckResult.permit();
        }
        if (isForeign(request)) {
            return refuse(context, 403, "pages of other sites may not call");
        }
        if (!callers.configured()) {
            return isLocal(request)
                    ? CheckResult.permit()
                    : refuse(context, 403, "no caller is configured, so only this machine may call");
        }
        context.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, LEFT_TO_THIS_POLICY);
        return identity.onItem().transformToUni(caller -> check(context, caller))
                .onFailure(AuthenticationFailedException.class).recoverWithUni(() -> {
                    if (request.getHeader("Authorization") == null) { // an open page asks on, and nobody tries to log in
                        return unauthorized(context, "the login has ended");
                    }
                    LOG.warnf("A login failed: user %s from %s", userName(request), address(request));
                    refusedLogins.note(userName(request), address(request));
                    return unauthorized(context, "the login is wrong");
                })
                .onFailure(OIDCException.class)
                .recoverWithUni(() -> refuse(context, 503, "the OpenID Connect server cannot be reached"))
                // back from the login page
                .onFailure(AuthenticationRedirectException.class).recoverWithUni(
                        onward -> redirect(context, onward.getCode(), onward.getRedirectUri()))
                .onFailure(AuthenticationCompletionException.class).recoverWithUni(() -> {
                    LOG.warnf("A login could not be completed, from %s", address(request));
                    return refuse(context, 401, "the login could not be completed: begin again at /");
                });
    }

    private Uni<CheckResult> check(RoutingContext context, SecurityIdentity caller) {
        if (caller.isAnonymous()) {
            return unauthorized(context, "log in");
        }
        String role = READING.contains(context.request().method()) ? "view" : "submit";
        return caller.hasRole(role)
                ? CheckResult.permit()
                : refuse(context, 403, "this needs the role " + role);
    }

    /** Redirects a browser to the login page, if there is one; any other caller gets 401. */
    private Uni<CheckResult> unauthorized(RoutingContext context, String detail) {
        if (callers.haveLoginPage() && isOpenedPage(context.request())) {
            return loginPage.getChallenge(context).onItem()
                    .transformToUni(challenge -> redirect(context, challenge.status,
                            challenge.getHeaders().get(HttpHeaderNames.LOCATION)));
        }
        context.response().putHeader("WWW-Authenticate", callers.challenge());
        return refuse(context, 401, detail);
    }

    /**
     * Answers at once; what is left of the request's body is not waited for. Nothing follows, since Quarkus would log a
     * refusal that is answered already as an error, with its whole stack.
     */
    private Uni<CheckResult> refuse(RoutingContext context, int status, String detail) {
        problems.answer(context, status, detail);
        return Uni.createFrom().nothing();
    }

    private static Uni<CheckResult> redirect(RoutingContext context, int status, String location) {
        context.response().setStatusCode(status).putHeader("Location", location).end();
        return Uni.createFrom().nothing();
    }

    /** Whether the browser says that another site's page sent this. Links from there are allowed, as they only read. */
    private static boolean isForeign(HttpServerRequest request) {
        String origin = request.getHeader("Origin");
        return origin != null && !origin.equalsIgnoreCase(own(request))
                || "cross-site".equals(request.getHeader("Sec-Fetch-Site")) && !isOpenedPage(request);
    }

    private static boolean isOpenedPage(HttpServerRequest request) {
        return READING.contains(request.method()) && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && "document".equals(request.getHeader("Sec-Fetch-Dest"));
    }

    /** The origin of this service as the browser sees it, from a trusted proxy; browsers omit the scheme's default port. */
    private static String own(HttpServerRequest request) {
        String scheme = request.scheme();
        return scheme + "://"
                + String.valueOf(request.authority()).replaceFirst("https".equals(scheme) ? ":443$" : ":80$", "");
    }

    /** From this machine and to a name of this machine, which stops DNS rebinding. */
    private static boolean isLocal(HttpServerRequest request) {
        HostAndPort name = request.authority();
        return name != null && isLoopbackName(name.host())
                && Callers.isLoopback(request.remoteAddress().hostAddress());
    }

    private static boolean isLoopbackName(String name) {
        String host = name.replaceAll("^\\[|\\]$", "");
        boolean literal = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
        return host.equalsIgnoreCase("localhost") || literal && Callers.isLoopback(host);
    }

    /** The caller's address; as a trusted proxy writes it, if that is not an address as Java has it, such as [2001:db8::7]. */
    private static String address(HttpServerRequest request) {
        String address = request.remoteAddress().hostAddress();
        return address == null ? request.remoteAddress().host() : address;
    }

    /** The user name of a Basic login, safe for a log; never the password. */
    private static String userName(HttpServerRequest request) {
        String header = request.getHeader("Authorization");
        if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return "unknown";
        }
        try {
            String login = new String(Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
            int colon = login.indexOf(':');
            String name = colon < 0 ? "unknown" : login.substring(0, colon).replaceAll("[^\\w.@+-]", "_");
            return name.substring(0, Math.min(name.length(), LONGEST_NAME));
        } catch (IllegalArgumentException e) {
            return "unknown";
        }
    }
}
