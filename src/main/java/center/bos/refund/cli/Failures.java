// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.net.BindException;
import java.util.Optional;
import java.util.regex.Pattern;

import org.apache.camel.FailedToCreateRouteException;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.model.FileTrouble;
import io.quarkus.runtime.QuarkusBindException;

/** Explains in one line why something could not start. */
final class Failures {
    /** How Camel shows the step of a route whose endpoint is a setting. */
    private static final Pattern ENDPOINT = Pattern.compile("\\{\\{(refund\\.channel\\.\\w+)}}] <<<");

    private Failures() {
    }

    /** The message of the most helpful cause: one of our own, else the innermost. */
    static String text(Throwable failure) {
        Throwable last = failure;
        Optional<String> endpoint = Optional.empty();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataFolder.Unusable || cause instanceof LedgerUnavailable || namesSetting(cause)) {
                return cause.getMessage();
            }
            if (cause instanceof BindException) {
                return inUse(cause instanceof QuarkusBindException ? "refund.http" : "refund.management", cause);
            }
            if (cause instanceof FailedToCreateRouteException) {
                endpoint = ENDPOINT.matcher(cause.getMessage()).results().map(found -> found.group(1)).findFirst();
            }
            last = cause;
        }
        String text = FileTrouble.text(last);
        return endpoint.map(key -> key + " is not an endpoint that can be used: " + text).orElse(text);
    }

    private static String inUse(String keys, Throwable cause) {
        Config config = ConfigProvider.getConfig();
        return "cannot listen on " + config.getValue(keys + ".host", String.class) + " port "
                + config.getValue(keys + ".port", String.class) + " ("
                + cause.getMessage().replaceFirst("^Port already bound: \\d+: ", "")
                + "): stop the process that uses it, or set another " + keys + ".port";
    }

    private static boolean namesSetting(Throwable cause) {
        return cause instanceof IllegalArgumentException && cause.getMessage() != null
                && (cause.getMessage().startsWith("bos.") || cause.getMessage().startsWith("refund."));
    }
}
