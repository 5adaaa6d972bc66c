// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import io.smallrye.config.ConfigSourceInterceptor;
import io.smallrye.config.ConfigSourceInterceptorContext;
import io.smallrye.config.ConfigValue;

/** {@code refund.data.uri}: {@code refund.data} as the path of a Camel endpoint, in which {@code %XX} stands for a character. */
public final class DataFolderUri implements ConfigSourceInterceptor {
    private static final String KEY = "refund.data.uri";
    /** Camel decodes a path twice: when it normalizes the URI, and when it creates the endpoint. */
    private static final String PERCENT = "%2525";

    @Override
    public ConfigValue getValue(ConfigSourceInterceptorContext context, String name) {
        if (!name.equals(KEY)) {
            return context.proceed(name);
        }
        ConfigValue data = context.restart("refund.data");
        return data == null || data.getValue() == null
                ? data
                : data.withName(KEY).withValue(data.getValue().replace("%", PERCENT).replace("#", "%23"));
    }
}
