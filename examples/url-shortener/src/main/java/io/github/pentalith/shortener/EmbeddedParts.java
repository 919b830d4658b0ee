// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.shortener.node.Backends;
import io.github.pentalith.testkit.RealRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a deployment has elsewhere: the databases, here H2 in a directory, and a real Redis. */
final class EmbeddedParts implements AutoCloseable {
    private final Path directory;
    private final boolean temporary;
    private final FileChannel lock;
    private final RealRedis redis;
    private final Backends backends;

    private EmbeddedParts(Path directory, boolean temporary, FileChannel lock, RealRedis redis, int shards) {
        this.directory = directory;
        this.temporary = temporary;
        this.lock = lock;
        this.redis = redis;
        Map<String, String> jdbcUrls = new LinkedHashMap<>();
        for (int i = 0; i < shards; i++) {
            jdbcUrls.put("s" + i, jdbcUrl(directory.resolve("s" + i)));
        }
        this.backends = new Backends(jdbcUrls, redis.uri());
    }

    /**
     * Starts them.
     *
     * @param data where the databases are; null for a temporary directory, removed at the end
     */
    static EmbeddedParts start(@Nullable Path data, int shards) throws IOException {
        Path directory =
                data == null ? Files.createTempDirectory("pentalith-shortener-") : Files.createDirectories(data);
        FileChannel lock = null;
        try {
            lock = lock(directory);
            // A cache, so it may forget: bounded memory, the least used first.
            RealRedis redis = RealRedis.builder()
                    .config("maxmemory 256mb")
                    .config("maxmemory-policy allkeys-lru")
                    .launch();
            return new EmbeddedParts(directory, data == null, lock, redis, shards);
        } catch (IOException | RuntimeException e) {
            if (lock != null) {
                lock.close();
            }
            if (data == null) {
                delete(directory);
            }
            throw e;
        }
    }

    /** H2 would refuse a second process, but not a second service in this one; and its Redis would be another. */
    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // held by this process; answered below
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw new IOException("the data directory is in use by another shortener: " + directory);
        }
        return channel;
    }

    /** WRITE_DELAY=0: a link that was answered with 201 survives kill -9; closing is ours, not a shutdown hook's. */
    private static String jdbcUrl(Path file) {
        return "jdbc:h2:file:" + file.toAbsolutePath() + ";DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0";
    }

    Backends backends() {
        return backends;
    }

    RealRedis redis() {
        return redis;
    }

    @Override
    public void close() {
        redis.kill(); // nothing in it is worth a good-bye, and a frozen one would not hear it
        redis.close();
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (temporary) {
                delete(directory);
            }
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            List<Path> leavesFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : leavesFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
