// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import center.bos.refund.bos.HostAlias;
import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;

/**
 * Rewrites the URLs of BOS so that Camel and {@link java.net.URI} accept them: the scheme in lower case, and a host name with an
 * underscore, as in container networks, as a {@link HostAlias}.
 */
public final class CamelUrl implements ConfigSourceInterceptor {
    private static final Set<String> KEYS = Set.of("bos.base-url", "bos.token.url");
    private static final Pattern START = Pattern.compile("\\A(?i)(https?)://([a-z0-9_.-]+)(?=[:/?#]|\\z)");

    @Override
    public ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        ConfigValue found = context.proceed(name);
        if (found == null || found.getValue() == null || !KEYS.contains(name)) {
            return found;
        }
        Matcher start = START.matcher(found.getValue());
        return !start.find()
                ? found
                : found.withValue(start.group(1).toLowerCase(Locale.ROOT) + "://" + HostAlias.of(start.group(2))
                        + found.getValue().substring(start.end()));
    }
}
