// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import center.bos.refund.bos.BosSettings;
import io.smallrye.config.ConfigMapping;

/** The keys {@code bos.*}. Defaults stand in {@code application.properties} alone. */
@ConfigMapping(prefix = "bos")
public interface BosConfig extends BosSettings {
}
