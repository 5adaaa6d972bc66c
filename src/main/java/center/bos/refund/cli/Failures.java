// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.net.BindException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NoSuchEndpointException;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.model.FileTrouble;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.util.ExceptionUtil;

/** Explains in one line why something could not start. */
final class Failures {
    /** How Camel shows the step of a route whose endpoint is a setting. */
    private static final Pattern ENDPOINT = Pattern.compile("\\{\\{(refund\\.channel\\.\\w+)}}] <<<");

    private Failures() {
    }

    /** The message of the most helpful cause: one that names a mistake, else the innermost. */
    static String text(Throwable failure) {
        return mistake(failure).orElseGet(() -> route(failure) + reason(failure));
    }

    private static String reason(Throwable failure) {
        Throwable root = ExceptionUtil.getRootCause(failure);
        return root instanceof NoSuchEndpointException unknown
                ? "no component here takes " + unknown.getUri().replaceFirst(":.*", ":")
                        + "…: put the jars of its component into lib/ (docs/integration.md, Channels)"
                : FileTrouble.text(root);
    }

    /** The route that cannot be made or started and its file, as text before the reason; empty if it is not about a route. */
    private static String route(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FailedToCreateRouteException created && created.getRouteId() != null) {
                return "route " + created.getRouteId() + place(created.getLocation());
            }
            if (cause instanceof FailedToStartRouteException started && cause.getCause() != null) {
                return "route " + started.getRouteId() + place(started.getLocation());
            }
        }
        return "";
    }

    private static String place(String location) {
        return (location == null ? "" : " (" + location + ")") + ": ";
    }

    /** The mistake of a person that caused the failure, and what to do; empty if it has another cause. */
    static Optional<String> mistake(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataFolder.Unusable || cause instanceof LedgerUnavailable || namesSetting(cause)) {
                return Optional.of(cause.getMessage());
            }
            if (cause instanceof BindException) {
                return Optional.of(
                        inUse(cause instanceof QuarkusBindException ? "refund.http" : "refund.management", cause));
            }
        }
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(FailedToCreateRouteException.class::isInstance)
                .flatMap(cause -> ENDPOINT.matcher(cause.getMessage()).results()).findFirst()
                .map(endpoint -> endpoint.group(1) + " is not an endpoint that can be used: " + reason(failure));
    }

    /** Whether the same start may succeed later, so that a supervisor should try again. */
    static boolean mayPass(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof RunningService.NoAnswer
                        || cause instanceof LedgerUnavailable ledger && ledger.mayPass());
    }

    private static String inUse(String keys, Throwable cause) {
        Config config = ConfigProvider.getConfig();
        return "cannot listen on " + config.getValue(keys + ".host", String.class) + " port "
                + config.getValue(keys + ".port", String.class) + " ("
                + cause.getMessage().replaceFirst("^Port already bound: \\d+: ", "")
                + "): stop the process that uses it, or set another " + keys + ".port";
    }

    private static boolean namesSetting(Throwable cause) {
        return cause instanceof RuntimeException && cause.getMessage() != null
                && (cause.getMessage().startsWith("bos.") || cause.getMessage().startsWith("refund."));
    }
}
