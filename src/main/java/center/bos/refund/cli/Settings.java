package center.bos.refund.cli;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Looks, before anything starts, whether the settings are there that a command cannot do without, and fit for the routes. */
final class Settings {
    private static final List<String> CODES = List.of("bos.codes.success", "bos.codes.retry", "bos.codes.auth");
    /** An empty code would stand for every answer that has none. */
    private static final Pattern CODE_LIST = Pattern.compile("[A-Za-z0-9_.-]+(,[A-Za-z0-9_.-]+)*");

    private Settings() {
    }

    /** False when one is missing or wrong; which, and how to set it, is then said on the standard error. */
    static boolean areComplete() {
        Optional<String> trouble = missing().or(Settings::wrong);
        trouble.ifPresent(text -> System.err.println("refund: " + text));
        return trouble.isEmpty();
    }

    private static Optional<String> wrong() {
        Config config = ConfigProvider.getConfig();
        for (String key : CODES) {
            String codes = config.getOptionalValue(key, String.class).orElse("");
            if (!CODE_LIST.matcher(codes).matches()) {
                return Optional
                        .of(key + " is '" + codes + "': it needs response codes with a comma and no blank between them,"
                                + " such as 6,7,18");
            }
        }
        return Optional.empty();
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
