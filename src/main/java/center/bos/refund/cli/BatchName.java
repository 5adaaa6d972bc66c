// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.nio.file.Path;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A batch's id from what a person gives as BATCH: its folder in data/outbox, or the folder's name. */
final class BatchName implements ITypeConverter<String> {
    private static final String WHERE = ": status lists the open ones, data/outbox holds the others";

    /** Says that there is no batch of that id, and where ids are found. */
    static String unknown(String id) {
        return "there is no batch " + id + WHERE;
    }

    @Override
    public String convert(String given) {
        Path name = Path.of(given).toAbsolutePath().normalize().getFileName(); // . is the folder where the person is
        if (given.isBlank() || name == null) {
            throw new TypeConversionException(
                    "'" + given + "' names no batch" + WHERE);
        }
        return name.toString();
    }
}
