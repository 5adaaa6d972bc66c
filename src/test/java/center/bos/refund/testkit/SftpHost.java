// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.file.FileSystemFactory;
import org.apache.sshd.common.file.nativefs.NativeFileSystemFactory;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.session.ServerSession;
import org.apache.sshd.sftp.server.DirectoryHandle;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpEventListener;
import org.apache.sshd.sftp.server.SftpSubsystem;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/** An ERP's SFTP server, Apache MINA SSHD, with one user; it can cut connections, hold renames and list files under other names. */
public final class SftpHost implements AutoCloseable {
    /** The one user. */
    public static final String USER = "erp";
    /** That user's password. */
    public static final String PASSWORD = "s&cr?t+%20)#";
    /** Where a connection that is to be cut has read its last byte. */
    private static final long CUT_AT = 64 * 1024;
    private static final KeyPair HOST_KEY = rsa();

    private final Path root;
    private final FileSystemFactory files;
    private final int port = RestService.freePort();
    private final AtomicInteger logins = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile HeldMove heldMove;
    private final Map<String, String> listedAs = new ConcurrentHashMap<>();
    private volatile PublicKey userKey;
    private SshServer server;

    private record HeldMove(CountDownLatch asked, CountDownLatch over) {
    }

    private SftpHost(Path root, FileSystemFactory files) {
        this.root = root;
        this.files = files;
    }

    /** Starts a server whose user sees that folder, with an {@code inbox} in it. */
    public static SftpHost start(Path root) {
        return start(new SftpHost(root, new VirtualFileSystemFactory(root)));
    }

    /** Starts a server whose user sees all of this machine's files, from that home, which is empty. */
    public static SftpHost startWithHome(Path root, Path home) {
        NativeFileSystemFactory all = new NativeFileSystemFactory(true);
        all.setUsersHomeDir(home.toString());
        return start(new SftpHost(root, all));
    }

    private static SftpHost start(SftpHost host) {
        try {
            Files.createDirectories(host.inbox());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        host.startAgain();
        return host;
    }

    /** Starts it after a stop, on the same port and with the same key. */
    public void startAgain() {
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(port);
        server.setKeyPairProvider(KeyPairProvider.wrap(HOST_KEY));
        server.setPasswordAuthenticator((user, password, session) -> {
            logins.incrementAndGet();
            return user.equals(USER) && password.equals(PASSWORD);
        });
        server.setPublickeyAuthenticator(
                (user, key, session) -> user.equals(USER) && userKey != null && KeyUtils.compareKeys(userKey, key));
        server.setFileSystemFactory(files);
        SftpSubsystemFactory sftp = new SftpSubsystemFactory() {
            @Override
            public Command createSubsystem(ChannelSession channel) {
                Listing listing = new Listing(channel, this);
                getRegisteredListeners().forEach(listing::addSftpEventListener);
                return listing;
            }
        };
        sftp.addSftpEventListener(new Trouble());
        server.setSubsystemFactories(List.of(sftp));
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes it off the network, its connections with it. */
    public void stop() {
        try {
            server.stop(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets that key log in. */
    public void accept(PublicKey key) {
        userKey = key;
    }

    /** Cuts that many connections in the middle of a file. */
    public void cutReads(int times) {
        cuts.set(times);
    }

    /** How many connections are still to be cut. */
    public int cutsLeft() {
        return Math.max(0, cuts.get());
    }

    /** Holds the renames of files in the inbox; the latch is down once one was asked for, and none happens from then on. */
    public CountDownLatch holdMoves() {
        heldMove = new HeldMove(new CountDownLatch(1), new CountDownLatch(1));
        return heldMove.asked();
    }

    /** Renames as usual again. */
    public void letMoves() {
        HeldMove held = heldMove;
        if (held != null) {
            heldMove = null;
            held.over().countDown();
        }
    }

    /** Lists that file under another name, which may be a path; what is asked for by it is what is there. */
    public void listAs(String file, String name) {
        listedAs.put(file, name);
    }

    /** How many passwords were offered. */
    public int logins() {
        return logins.get();
    }

    /** Its port. */
    public int port() {
        return port;
    }

    /** Where the ERP drops its files. */
    public Path inbox() {
        return root.resolve("inbox");
    }

    /** Where the ERP finds results. */
    public Path outbox() {
        return root.resolve("outbox");
    }

    /** Writes a {@code known_hosts} with this server's key. */
    public Path knownHosts(Path file) {
        return knownHosts(file, HOST_KEY.getPublic());
    }

    /** Writes a {@code known_hosts} with another key. */
    public Path wrongKnownHosts(Path file) {
        return knownHosts(file, rsa().getPublic());
    }

    private Path knownHosts(Path file, PublicKey key) {
        try {
            return Files.writeString(file, "[127.0.0.1]:" + port + " " + PublicKeyEntry.toString(key) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new key pair. */
    public static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        letMoves();
        stop();
    }

    private final class Listing extends SftpSubsystem {
        Listing(ChannelSession channel, SftpSubsystemConfigurator configurator) {
            super(channel, configurator);
        }

        @Override
        protected void writeDirEntry(int id, DirectoryHandle dir, Map<String, Path> entries, Buffer buffer, int index,
                Path file, String shortName, LinkOption... options) throws IOException {
            super.writeDirEntry(id, dir, entries, buffer, index, file, listedAs.getOrDefault(shortName, shortName),
                    options);
        }
    }

    private final class Trouble implements SftpEventListener {
        @Override
        public void reading(ServerSession session, String remoteHandle, FileHandle file, long offset, byte[] data,
                int dataOffset, int dataLength) throws IOException {
            if (offset >= CUT_AT && cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                session.close(true);
                throw new IOException("cut");
            }
        }

        @Override
        public void moving(ServerSession session, Path source, Path target, Collection<CopyOption> options)
                throws IOException {
            HeldMove held = heldMove;
            if (held == null || !source.toString().contains("inbox")) {
                return;
            }
            held.asked().countDown();
            try {
                held.over().await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("held");
        }
    }
}
