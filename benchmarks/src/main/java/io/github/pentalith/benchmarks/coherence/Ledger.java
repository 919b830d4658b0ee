// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The database of the experiment and the record of what was acknowledged when: a file mapped by every process, which
 * survives any of them. A key's value is its version, 1, 2, 3 and so on; each key has one writer at a time.
 *
 * <p>Times are {@link System#nanoTime()}, which on Linux is the machine's monotonic clock and hence the same in all
 * processes.
 */
final class Ledger {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder())
            .withInvokeExactBehavior();

    /** Acknowledgements remembered per key, the newest ones. */
    private static final int REMEMBERED = 64;

    private static final int STRIDE = 16 + 16 * REMEMBERED;

    private final ByteBuffer buffer;
    private final int keys;

    private Ledger(ByteBuffer buffer, int keys) {
        this.buffer = buffer;
        this.keys = keys;
    }

    static Ledger open(Path file, int keys) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new Ledger(channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) STRIDE * keys), keys);
        }
    }

    int keys() {
        return keys;
    }

    /** What the database answers. */
    long committed(long key) {
        return (long) LONG.getVolatile(buffer, at(key));
    }

    /** Commits the next version and returns it. */
    long commit(long key) {
        return (long) LONG.getAndAdd(buffer, at(key), 1L) + 1;
    }

    /** The newest version of which somebody was told that it is visible. */
    long acknowledged(long key) {
        return (long) LONG.getVolatile(buffer, at(key) + 8);
    }

    /** Records that a version is visible everywhere from now on, or so the cache says. */
    void acknowledge(long key, long version, long nanos) {
        int slot = slot(key, version);
        LONG.setVolatile(buffer, slot, 0L); // no reader pairs the new version with the old time
        LONG.setVolatile(buffer, slot + 8, nanos);
        LONG.setVolatile(buffer, slot, version);
        LONG.setVolatile(buffer, at(key) + 8, version);
    }

    /**
     * Returns for how long a newer version had been acknowledged when a read began, in nanoseconds; 0 if there was none.
     * Understates it for a key that was written more than 64 times meanwhile.
     */
    long staleness(long key, long read, long began) {
        long newest = acknowledged(key);
        for (long version = Math.max(read + 1, newest - REMEMBERED + 1); version <= newest; version++) {
            int slot = slot(key, version);
            long nanos = (long) LONG.getVolatile(buffer, slot + 8);
            if ((long) LONG.getVolatile(buffer, slot) == version) {
                return Math.max(0, began - nanos);
            }
        }
        return 0;
    }

    private static int at(long key) {
        return (int) key * STRIDE;
    }

    private static int slot(long key, long version) {
        return at(key) + 16 + 16 * (int) (version % REMEMBERED);
    }
}
