// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import org.junit.jupiter.api.Test;

import center.bos.refund.config.SftpConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/** What is missing for an SFTP server is named by its key; {@code SftpSetUpIT} has one as a process. */
class ErpSftpComponentTest {
    @Test
    void needsAUserALoginAndTheHostKey() {
        assertRefused("refund.sftp.user is not set", Map.of("password", "x"));
        assertRefused("refund.sftp.password and refund.sftp.private-key are not set",
                Map.of("user", "erp", "known-hosts", "pom.xml"));
        assertRefused("refund.sftp.known-hosts is not set", Map.of("user", "erp", "password", "x"));
    }

    @Test
    void needsFilesThatCanBeRead() {
        assertRefused("refund.sftp.known-hosts: missing cannot be read",
                Map.of("user", "erp", "password", "x", "known-hosts", "missing"));
        assertRefused("refund.sftp.private-key: missing cannot be read",
                Map.of("user", "erp", "private-key", "missing", "known-hosts", "pom.xml"));
    }

    private static void assertRefused(String said, Map<String, String> settings) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withMapping(SftpConfig.class)
                .withDefaultValue("refund.sftp.host", "127.0.0.1").withDefaultValue("refund.sftp.port", "22");
        settings.forEach((key, value) -> builder.withDefaultValue("refund.sftp." + key, value));
        ErpSftpComponent component = new ErpSftpComponent(builder.build().getConfigMapping(SftpConfig.class));
        assertThatThrownBy(component::check).isInstanceOf(IllegalStateException.class).hasMessageStartingWith(said);
    }
}
