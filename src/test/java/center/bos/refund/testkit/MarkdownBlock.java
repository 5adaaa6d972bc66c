// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A fenced block of a document: the word after its fence, and its lines. */
public record MarkdownBlock(String language, String text) {
    private static final Pattern FENCED = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");

    /** The blocks of a document, in order. */
    public static List<MarkdownBlock> of(Path document) {
        try {
            return FENCED.matcher(Files.readString(document)).results()
                    .map(found -> new MarkdownBlock(found.group(1), found.group(2))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
