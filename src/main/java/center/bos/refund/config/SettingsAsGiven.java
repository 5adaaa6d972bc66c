// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.util.regex.Pattern;

import jakarta.annotation.Priority;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.Expressions;

/**
 * Leaves secrets and passwords unexpanded, so that {@code $$} and <code>${…}</code> are ordinary characters, and removes the line
 * break at the end of a mounted secret.
 */
@Priority(SettingsAsGiven.OUTERMOST)
public final class SettingsAsGiven implements ConfigSourceInterceptor {
    /** Before SmallRye's own interceptors, which expand expressions. */
    static final int OUTERMOST = 4_000;

    private static final Pattern SECRET = Pattern.compile(
            "(.*[.-])?(password|passphrase|secret)|bos\\.token\\.value|quarkus\\.security\\.users\\.embedded\\.users\\..+");
    private static final Pattern OWN = Pattern.compile("(bos|refund)\\.(?!channel\\.).*");
    private static final Pattern LINE_BREAKS = Pattern.compile("[\r\n]+\\z");

    static boolean isSecret(String key) {
        return SECRET.matcher(key).matches();
    }

    @Override
    public ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        boolean isSecret = isSecret(name);
        ConfigValue found = isSecret
                ? Expressions.withoutExpansion(() -> context.proceed(name))
                : context.proceed(name);
        if (found == null || found.getValue() == null || !(isSecret || OWN.matcher(name).matches())) {
            return found;
        }
        return found.withValue(LINE_BREAKS.matcher(found.getValue()).replaceFirst(""));
    }
}
