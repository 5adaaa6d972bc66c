// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTextTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"tok-12345678 | xtok-12345678y | x***y", "a/b-345678 | a\\/b-345678 | ***",
            "tok-1 | token is 'tok-1'. | token is '***'.",
            "t | Refund Otp Successfully Sent. | Refund Otp Successfully Sent.",
            "t | you sent Bearer t | you sent Bearer ***"})
    void aTokenIsMaskedWhereverItStandsAndAVeryShortOneNotWithinAWord(String token, String answer, String kept) {
        assertThat(AnswerText.presentable(answer, token, 100)).isEqualTo(kept);
    }
}
