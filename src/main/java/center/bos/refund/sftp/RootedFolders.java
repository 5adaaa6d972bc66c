// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import java.net.URI;
import java.util.Map;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.component.file.GenericFileEndpoint;
import org.apache.camel.component.file.remote.SftpComponent;
import org.apache.camel.component.file.remote.SftpEndpoint;
import org.apache.camel.component.file.remote.SftpRemoteFile;
import org.apache.camel.spi.annotations.Component;

/** Camel's SFTP component, but that a folder that begins with a slash is looked for from the server's root, not the user's home. */
@Component("sftp")
@Singleton
@Named("sftp")
class RootedFolders extends SftpComponent {
    @Override
    protected GenericFileEndpoint<SftpRemoteFile> buildFileEndpoint(String uri, String remaining,
            Map<String, Object> parameters) throws Exception {
        SftpEndpoint endpoint = (SftpEndpoint) super.buildFileEndpoint(uri, remaining, parameters);
        if (new URI(uri.replaceFirst("\\?.*", "")).getPath().startsWith("//")) { // which Camel's own took away
            endpoint.getConfiguration().setDirectory("/" + endpoint.getConfiguration().getDirectory());
            endpoint.getConfiguration().setDirectoryName(endpoint.getConfiguration().getDirectory());
        }
        return endpoint;
    }
}
