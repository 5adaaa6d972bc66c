package center.bos.refund.cli;

import java.util.Optional;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Looks, before anything starts, whether the settings are there that a command cannot do without. */
final class Settings {
    private Settings() {
    }

    /** False when one is missing; which, and how to set it, is then said on the standard error. */
    static boolean areComplete() {
        Optional<String> missing = missing();
        missing.ifPresent(text -> System.err.println("refund: " + text));
        return missing.isEmpty();
    }

    private static Optional<String> missing() {
        Config config = ConfigProvider.getConfig();
        if (isEmpty(config, "bos.base-url")) {
            return Optional.of(missing("bos.base-url", "such as https://api.bos.center"));
        }
        if (!isEmpty(config, "bos.token.value")) {
            return Optional.empty();
        }
        if (isEmpty(config, "bos.token.url")) {
            return Optional.of(missing("bos.token.url", "the authorize endpoint; or bos.token.value, a fixed token"));
        }
        if (isEmpty(config, "bos.token.client-id")) {
            return Optional.of(missing("bos.token.client-id", "the client that asks for tokens"));
        }
        if (isEmpty(config, "bos.token.client-secret")) {
            return Optional.of(missing("bos.token.client-secret", "the client's secret"));
        }
        return Optional.empty();
    }

    private static boolean isEmpty(Config config, String key) {
        return config.getOptionalValue(key, String.class).filter(value -> !value.isBlank()).isEmpty();
    }

    private static String missing(String key, String what) {
        return key + " is not set (" + what + "): set it in application.properties, or as the environment variable "
                + key.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_");
    }
}
