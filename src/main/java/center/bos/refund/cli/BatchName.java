// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.nio.file.Path;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A batch's id from what a person gives as BATCH: its folder in data/outbox, or the folder's name. */
final class BatchName implements ITypeConverter<String> {
    @Override
    public String convert(String given) {
        Path name = Path.of(given).toAbsolutePath().normalize().getFileName(); // . is the folder where the person is
        if (given.isBlank() || name == null) {
            throw new TypeConversionException(
                    "'" + given + "' names no batch: status lists the open ones, data/outbox holds the others");
        }
        return name.toString();
    }
}
