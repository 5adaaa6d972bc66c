// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.util.TimeUtils;

import center.bos.refund.bos.BosSettings;
import center.bos.refund.token.TokenSettings;

/**
 * Settings as Camel's own properties hold them, under the names that the bundle has for those of BOS.
 *
 * @param prefix what the names begin with: {@code bos}
 */
record CamelSettings(PropertiesComponent properties, String prefix) implements BosSettings {

    private Optional<String> text(String key) {
        return properties.resolveProperty(prefix + "." + key).filter(value -> !value.isBlank());
    }

    private Optional<Path> file(String key) {
        return text(key).map(Path::of);
    }

    private String needed(String key) {
        return text(key).orElseThrow(() -> new IllegalArgumentException(prefix + "." + key + " is not set"));
    }

    private Duration time(String key) {
        return Duration.ofMillis(TimeUtils.toMilliSeconds(needed(key)));
    }

    @Override
    public Request request() {
        return new Request() {
            @Override
            public String referenceField() {
                return needed("request.reference-field");
            }

            @Override
            public Ids ids() {
                return Ids.valueOf(needed("request.ids").toUpperCase(Locale.ROOT));
            }
        };
    }

    @Override
    public TokenSettings token() {
        return new TokenSettings() {
            @Override
            public Optional<String> url() {
                return text("token.url");
            }

            @Override
            public Optional<String> value() {
                return text("token.value");
            }

            @Override
            public Optional<String> clientId() {
                return text("token.client-id");
            }

            @Override
            public Optional<String> clientSecret() {
                return text("token.client-secret");
            }

            @Override
            public Optional<Path> publicKey() {
                return file("token.public-key");
            }

            @Override
            public Duration ttl() {
                return time("token.ttl");
            }

            @Override
            public Duration refreshMargin() {
                return time("token.refresh-margin");
            }
        };
    }

    @Override
    public Timeout timeout() {
        return new Timeout() {
            @Override
            public Duration connect() {
                return time("timeout.connect");
            }

            @Override
            public Duration response() {
                return time("timeout.response");
            }
        };
    }

    @Override
    public Tls tls() {
        return new Tls() {
            @Override
            public Optional<Path> trustStore() {
                return file("tls.trust-store");
            }

            @Override
            public Optional<String> trustStorePassword() {
                return text("tls.trust-store-password");
            }

            @Override
            public Optional<Path> keyStore() {
                return file("tls.key-store");
            }

            @Override
            public Optional<String> keyStorePassword() {
                return text("tls.key-store-password");
            }
        };
    }

    @Override
    public Proxy proxy() {
        return new Proxy() {
            @Override
            public Optional<URI> url() {
                return text("proxy.url").map(URI::create);
            }

            @Override
            public Optional<String> user() {
                return text("proxy.user");
            }

            @Override
            public Optional<String> password() {
                return text("proxy.password");
            }
        };
    }
}
