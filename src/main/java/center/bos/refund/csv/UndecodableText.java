// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;

/** Bytes that are not valid in the file's charset. */
final class UndecodableText extends IOException {
    UndecodableText(long line, int character, Throwable cause) {
        super("line " + line + ", character " + character, cause);
    }
}
