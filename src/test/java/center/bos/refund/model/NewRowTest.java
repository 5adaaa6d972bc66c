// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NewRowTest {
    @Test
    void anIdThatIsNoneIsRejectedWhoeverMadeTheRow() {
        assertThat(new NewRow(1, "5", "007", null).rejected()).isFalse();
        assertThat(new NewRow(1, "5x", "1", null).rejection()).startsWith("referenceid must hold digits only");
        assertThat(new NewRow(1, "5", "", null).rejection()).startsWith("ackno is empty");
        assertThat(new NewRow(1, "", "", "no id").rejection()).isEqualTo("no id");
    }
}
