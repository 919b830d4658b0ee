// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.shortener.node.Backends;
import io.github.pentalith.shortener.store.Address;
import io.github.pentalith.shortener.store.Addresses;
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
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a deployment has elsewhere, if nobody says where: the databases, here H2 in a directory, and a real Redis. */
final class EmbeddedParts implements AutoCloseable {
    private final @Nullable Directory directory; // null: the databases are elsewhere
    private final @Nullable RealRedis redis; // null: it is elsewhere
    private final Backends backends;

    private EmbeddedParts(@Nullable Directory directory, @Nullable RealRedis redis, Backends backends) {
        this.directory = directory;
        this.redis = redis;
        this.backends = backends;
    }

    /** Where the embedded databases are. */
    private record Directory(Path path, boolean temporary, FileChannel lock) {
        static Directory open(@Nullable Path data) throws IOException {
            Path path =
                    data == null ? Files.createTempDirectory("pentalith-shortener-") : Files.createDirectories(data);
            try {
                return new Directory(path, data == null, locked(path));
            } catch (IOException | RuntimeException e) {
                if (data == null) {
                    delete(path);
                }
                throw e;
            }
        }

        Address database(String id) {
            return Address.jdbc(jdbcUrl(path.resolve(id)));
        }

        void close() {
            try {
                lock.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                if (temporary) {
                    delete(path);
                }
            }
        }
    }

    /** Starts those that are not elsewhere. */
    static EmbeddedParts start(Settings settings) throws IOException {
        List<Address> jdbc = settings.external().jdbc();
        Address remote = settings.external().redis();
        Directory directory = jdbc.isEmpty() ? Directory.open(settings.data()) : null;
        try {
            Map<String, Address> given = new LinkedHashMap<>();
            for (int i = 0; i < settings.shards(); i++) {
                String id = "s" + i;
                given.put(id, directory == null ? jdbc.get(i) : directory.database(id));
            }
            Addresses databases =
                    new Addresses(given, id -> Optional.ofNullable(directory).map(own -> own.database(id)));
            RealRedis redis = remote == null ? launch() : null;
            Address place = redis == null
                    ? Objects.requireNonNull(remote)
                    : Address.of(redis.uri().toString());
            return new EmbeddedParts(directory, redis, new Backends(databases, place));
        } catch (RuntimeException e) {
            if (directory != null) {
                directory.close();
            }
            throw e;
        }
    }

    private static RealRedis launch() {
        // A cache, so it may forget: bounded memory, the least used first.
        return RealRedis.builder()
                .config("maxmemory 256mb")
                .config("maxmemory-policy allkeys-lru")
                .launch();
    }

    /** H2 would refuse a second process, but not a second service in this one; and its Redis would be another. */
    private static FileChannel locked(Path directory) throws IOException {
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
        if (redis == null) {
            throw new IllegalStateException("the Redis is not ours");
        }
        return redis;
    }

    @Override
    public void close() {
        try {
            if (redis != null) {
                redis.kill(); // nothing in it is worth a good-bye, and a frozen one would not hear it
                redis.close();
            }
        } finally {
            if (directory != null) {
                directory.close();
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
