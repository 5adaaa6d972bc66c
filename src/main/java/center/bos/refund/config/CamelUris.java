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
 * Rewrites settings so that they fit into URIs of Camel. In the URLs of BOS the scheme is in lower case, and a host name with an
 * underscore, as in container networks, is a {@link HostAlias}. {@code refund.data.uri} is {@code refund.data} as the path of an
 * endpoint, in which {@code %XX} stands for a character.
 */
public final class CamelUris implements ConfigSourceInterceptor {
    private static final Set<String> SERVERS = Set.of("bos.base-url", "bos.token.url");
    private static final Pattern START = Pattern.compile("\\A(?i)(https?)://([a-z0-9_.-]+)(?=[:/?#]|\\z)");
    private static final String FOLDER = "refund.data.uri";
    /** Camel decodes a path twice: when it normalizes the URI, and when it creates the endpoint. */
    private static final String PERCENT = "%2525";

    @Override
    public ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        ConfigValue found = name.equals(FOLDER) ? context.restart("refund.data") : context.proceed(name);
        if (found == null || found.getValue() == null) {
            return found;
        }
        if (name.equals(FOLDER)) {
            return found.withName(FOLDER).withValue(found.getValue().replace("%", PERCENT).replace("#", "%23"));
        }
        return SERVERS.contains(name) ? found.withValue(server(found.getValue())) : found;
    }

    private static String server(String url) {
        Matcher start = START.matcher(url);
        return start.find()
                ? start.group(1).toLowerCase(Locale.ROOT) + "://" + HostAlias.of(start.group(2))
                        + url.substring(start.end())
                : url;
    }
}
