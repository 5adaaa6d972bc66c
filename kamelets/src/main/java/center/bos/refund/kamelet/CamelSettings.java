// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.util.StringHelper;
import org.apache.camel.util.TimeUtils;

import center.bos.refund.bos.BosSettings;

/**
 * Reads settings from Camel's own properties. The key of a setting is its method's name in kebab case, below that of the group that
 * it stands in, as the bundle's own configuration has it.
 *
 * @param prefix the key of the group
 */
record CamelSettings(PropertiesComponent properties, String prefix) implements InvocationHandler {

    /** The settings below that prefix; each is read when it is asked for. */
    static <T> T of(Class<T> group, PropertiesComponent properties, String prefix) {
        return group.cast(Proxy.newProxyInstance(group.getClassLoader(), new Class<?>[]{group},
                new CamelSettings(properties, prefix)));
    }

    @Override
    public Object invoke(Object settings, Method method, Object[] arguments) throws ReflectiveOperationException {
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        String key = prefix + "." + StringHelper.camelCaseToDash(method.getName());
        Class<?> type = method.getReturnType();
        if (type.isInterface()) {
            return of(type, properties, key);
        }
        Optional<String> text = properties.resolveProperty(key).filter(value -> !value.isBlank());
        if (type == Optional.class) {
            Type of = ((ParameterizedType) method.getGenericReturnType()).getActualTypeArguments()[0];
            return text.map(value -> read(of, value));
        }
        return read(type, text.orElseThrow(() -> new IllegalArgumentException(key + " is not set")));
    }

    private static Object read(Type type, String text) {
        if (type == Duration.class) {
            return Duration.ofMillis(TimeUtils.toMilliSeconds(text));
        }
        if (type == Path.class) {
            return Path.of(text);
        }
        if (type == URI.class) {
            return URI.create(text);
        }
        return type == BosSettings.Ids.class ? BosSettings.Ids.valueOf(text.toUpperCase(Locale.ROOT)) : text;
    }
}
