// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;

import center.bos.refund.intake.Settling;

/** Lets the SFTP trigger see a file once two looks at the folder have found it the same. */
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
