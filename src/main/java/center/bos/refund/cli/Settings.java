package center.bos.refund.cli;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** Looks, before anything starts, whether the settings are there that a command cannot do without, and fit for the routes. */
final class Settings {
    private static final List<String> CODES = List.of("bos.codes.success", "bos.codes.retry", "bos.codes.auth");
    /** An empty code would stand for every answer that has none. */
    private static final Pattern CODE_LIST = Pattern.compile("[A-Za-z0-9_.-]+(,[A-Za-z0-9_.-]+)*");

    private static final String SERVER = "an http or https URL without a slash at its end, such as https://api.bos.center";
    private static final String PATH = "a path that begins with a slash, such as /api/BOS/RefundOTP";
    private static final String PROXY = "an http URL with a port and nothing behind it, such as http://proxy.example:3128"
            + " (user and password go into bos.proxy.user and bos.proxy.password)";
    private static final Pattern NODE = Pattern.compile("[^./\\\\?%#&\\p{Cntrl}][^/\\\\?%#&\\p{Cntrl}]*");
    private static final List<String> TIMES = List.of("bos.timeout.connect", "bos.timeout.response", "bos.token.ttl",
            "refund.rest.timeout");
    private static final List<String> TIMES_OR_NONE = List.of("bos.token.refresh-margin", "refund.retry.delay",
            "refund.retry.longest", "refund.duplicate-window");

    private Settings() {
    }

    /** False when one is missing or wrong; which, and how to set it, is then said on the standard error. */
    static boolean areComplete() {
        return areRight(rehearsal().or(Settings::missing).or(Settings::wrong));
    }

    /** As {@link #areComplete()} of a rehearsal, which brings its own settings but for the port. */
    static boolean areCompleteForRehearsal() {
        return areRight(wrongPort());
    }

    private static boolean areRight(Optional<String> trouble) {
        trouble.ifPresent(text -> System.err.println("refund: " + text));
        return trouble.isEmpty();
    }

    private static Optional<String> rehearsal() {
        return Rehearsal.isOn()
                ? Optional.of("the profile " + Rehearsal.PROFILE + " is for the commands demo and serve")
                : Optional.empty();
    }

    private static Optional<String> wrong() {
        Config config = ConfigProvider.getConfig();
        return wrongCodes(config)
                .or(() -> wrong(config, "bos.base-url", String.class, Settings::isServer, SERVER))
                .or(() -> wrong(config, "bos.refund-otp.path", String.class, Settings::isPath, PATH))
                .or(() -> wrong(config, "bos.proxy.url", String.class, Settings::isProxy, PROXY))
                .or(() -> alone(config, "bos.proxy.user", "bos.proxy.url"))
                .or(() -> alone(config, "bos.proxy.password", "bos.proxy.user"))
                .or(() -> wrong(config, "bos.token.url", String.class, Settings::isUrl, "an http or https URL"))
                .or(() -> wrong(config, "bos.token.public-key", String.class, file -> Files.isReadable(Path.of(file)),
                        "a file that can be read"))
                .or(() -> wrong(config, "bos.request.ids", String.class, ids -> ids.matches("(?i)number|string"),
                        "number or string"))
                .or(() -> wrong(config, "refund.in-doubt", String.class, what -> what.matches("(?i)hold|resend"),
                        "hold or resend"))
                .or(() -> wrong(config, "refund.concurrency", Integer.class, n -> n >= 1, "at least 1"))
                .or(() -> wrong(config, "refund.rate", Double.class, n -> n >= 0 && n <= Integer.MAX_VALUE,
                        "calls a second, 0 for no limit"))
                .or(() -> wrong(config, "refund.retry.max", Integer.class, n -> n >= 0, "0 or more"))
                .or(Settings::wrongPort)
                .or(() -> wrong(config, "refund.rest.waiting", Integer.class, n -> n >= 1, "at least 1"))
                .or(() -> wrong(config, "refund.node", String.class, name -> NODE.matcher(name).matches(),
                        "a name without a slash, ?, %, # and & that does not begin with a dot"))
                .or(() -> TIMES.stream()
                        .map(key -> wrong(config, key, Duration.class, time -> time.toMillis() > 0,
                                "a time above 0, such as 20s"))
                        .flatMap(Optional::stream).findFirst())
                .or(() -> TIMES_OR_NONE.stream()
                        .map(key -> wrong(config, key, Duration.class, time -> !time.isNegative(),
                                "a time, such as 1s, or 0"))
                        .flatMap(Optional::stream).findFirst());
    }

    private static <T> Optional<String> wrong(Config config, String key, Class<T> type, Predicate<T> isRight,
            String needed) {
        boolean right;
        try {
            right = config.getOptionalValue(key, type).filter(isRight.negate()).isEmpty();
        } catch (IllegalArgumentException e) {
            right = false;
        }
        return right
                ? Optional.empty()
                : Optional.of(key + " is " + config.getConfigValue(key).getValue() + ": it needs " + needed);
    }

    /** The path behind it begins with a slash. */
    private static boolean isServer(String text) {
        return isUrl(text) && !text.endsWith("/") && text.indexOf('?') < 0 && text.indexOf('#') < 0;
    }

    private static boolean isPath(String text) {
        return text.startsWith("/") && text.indexOf('#') < 0 && URI.create(text).getHost() == null;
    }

    private static boolean isProxy(String text) {
        URI url = URI.create(text);
        return "http".equalsIgnoreCase(url.getScheme()) && url.getHost() != null && url.getPort() > 0
                && text.matches("[^/]*//[^/?#@]*/?");
    }

    private static boolean isUrl(String text) {
        URI url = URI.create(text);
        return url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
    }

    /** Said of this key: the one that is made of it is nobody's. */
    private static Optional<String> wrongPort() {
        return wrong(ConfigProvider.getConfig(), "refund.http.port", Integer.class, n -> n >= 0 && n <= 65_535,
                "a port from 0 to 65535");
    }

    private static Optional<String> wrongCodes(Config config) {
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

    /** A setting that does nothing without another was meant to do something. */
    private static Optional<String> alone(Config config, String key, String needed) {
        return isEmpty(config, key) || !isEmpty(config, needed)
                ? Optional.empty()
                : Optional.of(key + " is set and " + needed + " is not: set both, or neither");
    }

    private static boolean isEmpty(Config config, String key) {
        return config.getOptionalValue(key, String.class).filter(value -> !value.isBlank()).isEmpty();
    }

    private static String missing(String key, String what) {
        return key + " is not set (" + what + "): set it in application.properties, or as the environment variable "
                + key.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_");
    }
}
