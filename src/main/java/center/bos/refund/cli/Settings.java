// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigSource;

import center.bos.refund.throttle.Hours;
import io.quarkus.runtime.configuration.MemorySize;

/** Checks before anything starts that the required settings are there and all settings are valid. */
final class Settings {
    /** An empty code would match every answer without one. */
    private static final Pattern CODE_LIST = Pattern.compile("[A-Za-z0-9_.-]+(,[A-Za-z0-9_.-]+)*");
    private static final String CODES = "response codes with a comma and no blank between them, such as 6,7,18";
    private static final String SERVER = "an http or https URL without a slash at its end, such as https://api.bos.center";
    private static final String PATH = "a path that begins with a slash, such as /api/BOS/RefundOTP";
    private static final String PROXY = "an http URL with a port and nothing behind it, such as http://proxy.example:3128"
            + " (user and password go into bos.proxy.user and bos.proxy.password)";
    private static final Pattern AUTHORITY = Pattern
            .compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:(?<port>\\d{1,5}))?");
    private static final Pattern LEDGER = Pattern.compile(
            "jdbc:sqlite:.+|jdbc:postgresql:(//[A-Za-z0-9._-]+(:\\d{1,5})?(,[A-Za-z0-9._-]+(:\\d{1,5})?)*/|//\\[[0-9A-Fa-f:.]+](:\\d{1,5})?/)?"
                    + "[^/:@?#]*(\\?[^#]*)?");
    private static final Pattern NODE = Pattern.compile("[^./\\\\?%#&\\p{Cc}][^/\\\\?%#&\\p{Cc}]*");
    private static final int LAST_PORT = 65_535;
    private static final String PORT = "a port from 0 to 65535";
    private static final Pattern WITH_DEFAULT = Pattern.compile("(bos|refund)\\.(?!channel\\.|codes\\.).*");
    /** The ordinal of the packaged file; files and environment of the user have higher ones. */
    static final int DEFAULTS = 250;
    private static final String USERS = "quarkus.security.users.embedded.users.";

    private final Config config;
    private final Set<String> replaced;

    Settings(Config config, Set<String> replaced) {
        this.config = config;
        this.replaced = replaced;
    }

    /** Throws IllegalArgumentException if a setting is missing or invalid; it says which, and how to set it. */
    static void check() {
        if (Rehearsal.isOn()) {
            throw new IllegalArgumentException(
                    "the profile " + Rehearsal.PROFILE + " is for the commands demo and serve");
        }
        check(Set.of());
    }

    /** As {@link #check()} for a rehearsal, which replaces the settings of these keys. */
    static void check(Set<String> replaced) {
        Config config = ConfigProvider.getConfig();
        UnknownKeys unknown = new UnknownKeys(config);
        unknown.inFiles().or(() -> new Settings(config, replaced).trouble()).ifPresent(text -> {
            throw new IllegalArgumentException(text);
        });
        unknown.inEnvironment().forEach(variable -> System.err.println(
                "refund: the environment variable " + variable + " is no setting and has no effect"));
    }

    /** The first setting that is missing or invalid, and how to set it. */
    Optional<String> trouble() {
        return missing().or(this::blank).or(this::withoutPassword).or(this::wrong);
    }

    private Optional<String> missing() {
        Optional<String> server = missing("bos.base-url", "such as https://api.bos.center");
        return server.isPresent() || !isEmpty("bos.token.value")
                ? server
                : missing("bos.token.url", "the authorize endpoint; or bos.token.value, a fixed token")
                        .or(() -> missing("bos.token.client-id", "the client that asks for tokens"))
                        .or(() -> missing("bos.token.client-secret", "the client's secret"));
    }

    /** A setting that has a default and was set to nothing. A blank channel means none, also where there is a broker. */
    private Optional<String> blank() {
        for (ConfigSource source : config.getConfigSources()) {
            if (source.getOrdinal() > DEFAULTS) {
                continue;
            }
            for (String key : source.getPropertyNames()) {
                String standard = source.getValue(key);
                if (WITH_DEFAULT.matcher(key).matches() && standard != null && !standard.isBlank() && isEmpty(key)) {
                    return Optional.of(
                            key + " is empty: give it a value, or remove it to get its default, " + standard);
                }
            }
        }
        return Optional.empty();
    }

    /** A user whose line was left as the example has it. */
    private Optional<String> withoutPassword() {
        return StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                .filter(key -> key.startsWith(USERS) && isEmpty(key)).findFirst()
                .map(key -> key + " is empty: write what the command hash prints, or remove it (docs/security.md)");
    }

    private Optional<String> wrong() {
        return Stream.of(wrongCodes("bos.codes.success"), wrongCodes("bos.codes.retry"), wrongCodes("bos.codes.auth"),
                wrong("bos.base-url", String.class, Settings::isServer, SERVER),
                wrong("bos.refund-otp.path", String.class, Settings::isPath, PATH),
                wrong("bos.proxy.url", String.class, Settings::isProxy, PROXY),
                alone("bos.proxy.user", "bos.proxy.url"), alone("bos.proxy.password", "bos.proxy.user"),
                alone("refund.ledger.user", "refund.ledger.url"), alone("refund.broker.user", "refund.broker.url"),
                alone("refund.sftp.user", "refund.sftp.host"),
                wrong("bos.token.url", String.class, Settings::isUrl, "an http or https URL"),
                wrongLedger(), wrong("bos.token.public-key", Path.class, Files::isReadable, "a file that can be read"),
                wrong("bos.request.ids", String.class, ids -> ids.matches("(?i)number|string"), "number or string"),
                wrong("refund.in-doubt", String.class, what -> what.matches("(?i)hold|resend"), "hold or resend"),
                wrong("refund.concurrency", Integer.class, n -> n >= 1, "at least 1"),
                wrong("refund.rate", Double.class, n -> n >= 0 && n <= Integer.MAX_VALUE,
                        "calls a second, 0 for no limit"),
                wrong("refund.hours", Hours.class, hours -> true, Hours.FORM),
                wrong("refund.release-above", Long.class, n -> n >= 1, "a number of rows, at least 1"),
                wrong("refund.retry.max", Integer.class, n -> n >= 0, "0 or more"),
                wrongPort("refund.http.port"), wrongPort("refund.management.port"), wrongPort("refund.sftp.port"),
                wrongData(),
                wrong("refund.rest.waiting", Integer.class, n -> n >= 1, "at least 1"),
                wrong("refund.rest.largest-batch", MemorySize.class, size -> size.asLongValue() > 0,
                        "a size above 0, such as 256M"),
                wrong("refund.node", String.class, name -> NODE.matcher(name).matches(),
                        "a name without a slash, ?, %, # and & that does not begin with a dot"),
                wrong("refund.node-url", String.class,
                        url -> isServer(url) && URI.create(url).getHost() != null,
                        "an http or https URL without a path, such as"
                                + " http://refund-1.example:8080"),
                wrongTime("bos.timeout.connect"), wrongTime("bos.timeout.response"), wrongTime("bos.token.ttl"),
                wrongTime("refund.rest.timeout"), wrongTime("refund.sftp.delay"),
                wrongTimeOrNone("bos.token.refresh-margin"), wrongTimeOrNone("refund.retry.delay"),
                wrongTimeOrNone("refund.retry.longest"), wrongTimeOrNone("refund.duplicate-window"),
                wrongTimeOrNone("refund.hold"))
                .flatMap(Optional::stream).findFirst().or(this::wrongRetention);
    }

    private <T> Optional<String> wrong(String key, Class<T> type, Predicate<T> isRight, String needed) {
        boolean right;
        try {
            right = replaced.contains(key) || config.getOptionalValue(key, type).filter(isRight.negate()).isEmpty();
        } catch (IllegalArgumentException e) {
            right = false;
        }
        return right
                ? Optional.empty()
                : Optional.of(key + " is " + withoutLogin(config.getConfigValue(key).getRawValue()) + ": it needs "
                        + needed);
    }

    /** The message omits the value, which may hold a password in any form. */
    private Optional<String> wrongLedger() {
        return config.getOptionalValue("refund.ledger.url", String.class).filter(
                url -> !replaced.contains("refund.ledger.url") && !url.isBlank() && !LEDGER.matcher(url).matches())
                .map(url -> "refund.ledger.url cannot be read: it needs jdbc:postgresql://host:5432/database (user and password"
                        + " go into refund.ledger.user and refund.ledger.password), or nothing for SQLite in refund.data");
    }

    private static String withoutLogin(String text) {
        return text.replaceAll("//.*@", "//…@");
    }

    private String value(String key) {
        return config.getConfigValue(key).getValue();
    }

    private Optional<String> wrongTime(String key) {
        return wrong(key, Duration.class, time -> time.toMillis() > 0 && hasUnit(key), "a time above 0, such as 20s");
    }

    private Optional<String> wrongTimeOrNone(String key) {
        return wrong(key, Duration.class, time -> time.isZero() || !time.isNegative() && hasUnit(key),
                "a time, such as 1s, or 0");
    }

    /** An erased pair counts as new, so the duplicate window must be over by then. */
    private Optional<String> wrongRetention() {
        Duration window = config.getOptionalValue("refund.duplicate-window", Duration.class).orElse(Duration.ZERO);
        return wrong("refund.retention", Duration.class,
                age -> age.toMillis() > 0 && age.compareTo(window) >= 0 && hasUnit("refund.retention"),
                "a time that is not shorter than refund.duplicate-window, such as 400d");
    }

    /** A number alone is seconds to Quarkus and milliseconds to Camel. */
    private boolean hasUnit(String key) {
        return !Character.isDigit(value(key).charAt(value(key).length() - 1));
    }

    /** The path behind it begins with a slash. */
    private static boolean isServer(String text) {
        return isUrl(text) && !text.endsWith("/") && text.indexOf('?') < 0 && text.indexOf('#') < 0;
    }

    private static boolean isPath(String text) {
        return text.startsWith("/") && text.indexOf('#') < 0 && URI.create(text).getRawAuthority() == null;
    }

    private static boolean isProxy(String text) {
        return isUrl(text) && text.matches("(?i)http://[^/?#@]*:\\d+/?");
    }

    /** A host name may have an underscore, as in container networks, although {@link URI} then finds no host. */
    private static boolean isUrl(String text) {
        String authority = URI.create(text).getRawAuthority();
        Matcher parts = AUTHORITY.matcher(authority == null ? "" : authority);
        return text.matches("(?i)https?://.*") && parts.matches()
                && (parts.group("port") == null || Integer.parseInt(parts.group("port")) <= LAST_PORT);
    }

    private Optional<String> wrongPort(String key) {
        return wrong(key, Integer.class, n -> n >= 0 && n <= LAST_PORT, PORT);
    }

    /** Camel ends the path of a file endpoint at a question mark, even an encoded one, and takes a backslash for a slash. */
    private Optional<String> wrongData() {
        return wrong("refund.data", String.class, path -> path.indexOf('?') < 0 && path.indexOf('\\') < 0,
                "a folder without a question mark and a backslash in its path")
                .or(() -> config.getOptionalValue("refund.data", Path.class)
                        .filter(path -> Files.exists(path) && !Files.isDirectory(path))
                        .map(path -> "refund.data is " + path + ", which cannot be used: it is a file; name a folder"));
    }

    private Optional<String> wrongCodes(String key) {
        String codes = config.getOptionalValue(key, String.class).orElse("");
        return CODE_LIST.matcher(codes).matches()
                ? Optional.empty()
                : Optional.of(key + " is '" + codes + "': it needs " + CODES);
    }

    private Optional<String> missing(String key, String what) {
        return isEmpty(key) && !replaced.contains(key)
                ? Optional
                        .of(key + " is not set (" + what + "): set it in application.properties, or as the environment"
                                + " variable " + UnknownKeys.variable(key))
                : Optional.empty();
    }

    /** A setting that has no effect without another is a mistake. */
    private Optional<String> alone(String key, String needed) {
        return replaced.contains(key) || isEmpty(key) || !isEmpty(needed)
                ? Optional.empty()
                : Optional.of(key + " is set and " + needed + " is not: set both, or neither");
    }

    private boolean isEmpty(String key) {
        return value(key) == null || value(key).isBlank();
    }
}
