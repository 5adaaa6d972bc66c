// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;

import center.bos.refund.intake.Settling;

/** Filter of the SFTP trigger: passes a file that did not change between two polls. */
@ApplicationScoped
@Named("settledRemoteFiles")
public class SettledRemoteFiles implements GenericFileFilter<Object> {
    private final Settling settling = new Settling();

    @Override
    public boolean accept(GenericFile<Object> file) {
        return !file.isDirectory()
                && settling.hasSettled(file.getAbsoluteFilePath(), file.getFileLength(), file.getLastModified(),
                        file.getFileLength() == 0);
    }
}
