package center.bos.refund.rest;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A new file that is on the disk once it is finished. */
final class UploadFile extends FilterOutputStream {
    private static final int BUFFER = 64 * 1024;

    private final FileChannel channel;

    private UploadFile(FileChannel channel) {
        super(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER));
        this.channel = channel;
    }

    static UploadFile create(Path file) throws IOException {
        return new UploadFile(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    /** Puts all of it on the disk. */
    void finish() throws IOException {
        out.flush();
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
