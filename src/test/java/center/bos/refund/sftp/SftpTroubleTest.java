// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.apache.camel.component.file.GenericFileOperationFailedException;
import org.junit.jupiter.api.Test;

import com.jcraft.jsch.SftpException;

import center.bos.refund.config.SftpConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

/** What the log says of a server that gives no files. */
class SftpTroubleTest {
    @Test
    void aServersTextIsOneLine() {
        SftpConfig config = new SmallRyeConfigBuilder().withMapping(SftpConfig.class)
                .withSources(new PropertiesConfigSource(
                        Map.of("refund.sftp.host", "erp.example", "refund.sftp.port", "22"), "test", 500))
                .build().getConfigMapping(SftpConfig.class);
        List<String> lines = new ArrayList<>();
        Handler kept = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {
                // nothing is buffered
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
        Logger log = Logger.getLogger(SftpTrouble.class.getName());
        log.addHandler(kept);
        try {
            new SftpTrouble(config).rollback(null, null, 0, new GenericFileOperationFailedException("Cannot list",
                    new SftpException(4, "no\n2026-11-28 ERROR [center.bos.refund.ledger.Ledger] \u001b[2J forged")));
        } finally {
            log.removeHandler(kept);
        }
        assertThat(lines).singleElement().asString().contains("erp.example", "forged").doesNotContain("\n", "\u001b");
    }
}
