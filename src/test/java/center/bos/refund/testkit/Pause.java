// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.time.Duration;

/** Waits on the server's behalf; fails if the server closes meanwhile. */
interface Pause {

    void of(Duration duration) throws IOException;
}
