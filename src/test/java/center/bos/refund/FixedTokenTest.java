// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;

/** A fixed token takes the place of the authorize endpoint. */
@QuarkusTest
@QuarkusTestResource(value = BosInTests.class, restrictToAnnotatedClass = true, initArgs = @ResourceArg(name = "bos.token.value", value = "a-fixed-token"))
class FixedTokenTest {
    BosServer bos;
    DataTree data;

    @Test
    void isSentAsItIsAndNobodyIsAskedForAnother() {
        bos.tokens().accept("a-fixed-token");

        data.drop("fixed.csv", CsvFiles.rows(10));

        assertThat(data.results("fixed").summary().success()).isEqualTo(10);
        assertThat(bos.posts()).hasSize(10).allSatisfy(
                post -> assertThat(post.header("Authorization")).contains("Bearer a-fixed-token"));
        assertThat(bos.tokensAsked()).isZero();
    }
}
