// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.compat;

import io.github.pentalith.sharding.KeyHasher;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The partition that Kafka's producer gives a record with a key: {@code (murmur2(key) & 0x7fffffff) % partitions}.
 *
 * <p>A record without a key has no partition of its own in Kafka (it goes to whatever batch is open), so null is refused
 * here; the empty key has one.
 *
 * <p><b>Thread-safety:</b> stateless.
 *
 * <p><b>Time and memory:</b> in proportion to the key; allocates nothing, but for the bytes of strings with characters
 * above U+007F.
 *
 * <p><b>Failure:</b> fewer than 1 partition are refused.
 *
 * <p><b>Example:</b> {@code int partition = KafkaPartitioner.partition("user:42", 32);}
 *
 * <p><b>Source:</b> {@code BuiltInPartitioner} of kafka-clients 4; MurmurHash2 by A. Appleby.
 */
public final class KafkaPartitioner {
    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;
    private static final int R = 24;
    private static final KeyHasher<byte[]> BYTES = KeyHasher.of("kafka/murmur2/bytes", key -> positive(murmur2(key)));
    private static final KeyHasher<String> STRINGS = KeyHasher.of("kafka/murmur2/utf8", key -> positive(murmur2(key)));

    private KafkaPartitioner() {}

    /**
     * {@return the partition of a key, from 0 to {@code partitions - 1}}
     *
     * @param key the serialized key
     * @param partitions number of partitions of the topic, at least 1
     * @throws IllegalArgumentException if there are fewer
     */
    public static int partition(byte[] key, int partitions) {
        return positive(murmur2(Objects.requireNonNull(key, "key"))) % checked(partitions);
    }

    /**
     * {@return the partition of a key as Kafka's {@code StringSerializer} writes it, in UTF-8}
     *
     * @param key the key
     * @param partitions number of partitions of the topic, at least 1
     * @throws IllegalArgumentException if there are fewer
     */
    public static int partition(String key, int partitions) {
        return positive(murmur2(Objects.requireNonNull(key, "key"))) % checked(partitions);
    }

    /**
     * {@return a hasher with which {@code Placement.modulo()} over nodes that are listed by partition number places as
     * Kafka does}
     *
     * <p>It has 31 bits, the lower ones: take no other placement with it.
     */
    public static KeyHasher<byte[]> bytes() {
        return BYTES;
    }

    /** {@return the same as {@link #bytes()} for strings in UTF-8} */
    public static KeyHasher<String> strings() {
        return STRINGS;
    }

    private static int positive(int hash) {
        return hash & 0x7fffffff;
    }

    private static int checked(int partitions) {
        if (partitions < 1) {
            throw new IllegalArgumentException(
                    "partitions must be positive: partitions=" + partitions + " (expected: 1 or more)");
        }
        return partitions;
    }

    private static int murmur2(byte[] data) {
        int h = SEED ^ data.length;
        int words = data.length & ~3;
        for (int i = 0; i < words; i += 4) {
            int k = (data[i] & 0xff) | (data[i + 1] & 0xff) << 8 | (data[i + 2] & 0xff) << 16 | data[i + 3] << 24;
            h = mixed(h, k);
        }
        int tail = 0;
        for (int i = data.length - 1; i >= words; i--) {
            tail = tail << 8 | (data[i] & 0xff);
        }
        return finished(h, tail, data.length > words);
    }

    private static int murmur2(String text) {
        int length = text.length();
        int h = SEED ^ length;
        int words = length & ~3;
        int all = 0;
        for (int i = 0; i < words; i += 4) {
            char a = text.charAt(i);
            char b = text.charAt(i + 1);
            char c = text.charAt(i + 2);
            char d = text.charAt(i + 3);
            all |= a | b | c | d;
            h = mixed(h, a | b << 8 | c << 16 | d << 24);
        }
        int tail = 0;
        for (int i = length - 1; i >= words; i--) {
            all |= text.charAt(i);
            tail = tail << 8 | text.charAt(i);
        }
        // In ASCII a character is a byte; of any other text the bytes are needed.
        return all < 0x80 ? finished(h, tail, length > words) : murmur2(text.getBytes(StandardCharsets.UTF_8));
    }

    private static int mixed(int h, int word) {
        int k = word * M;
        k ^= k >>> R;
        return h * M ^ k * M;
    }

    private static int finished(int hash, int tail, boolean hasTail) {
        int h = hasTail ? (hash ^ tail) * M : hash;
        h ^= h >>> 13;
        h *= M;
        return h ^ h >>> 15;
    }
}
