// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.compat;

/**
 * The bucket that Guava's {@code Hashing.consistentHash(long, int)} gives, without Guava.
 *
 * <p><b>Thread-safety:</b> stateless.
 *
 * <p><b>Time and memory:</b> about {@code ln n} steps, each with a division; allocates nothing. For buckets of your own
 * choice {@code Placement.jumpBack()} does the same job in constant time, with other results.
 *
 * <p><b>Failure:</b> fewer than 1 bucket are refused.
 *
 * <p><b>Example:</b> {@code int bucket = GuavaJump.bucket(hash, 10);}
 *
 * <p><b>Source:</b> J. Lamping, E. Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", arXiv:1406.2294, with the
 * generator of Guava 33.
 */
public final class GuavaJump {
    private GuavaJump() {}

    /**
     * {@return the bucket of the hash, from 0 to {@code buckets - 1}}
     *
     * @param hash 64 bits; of a Guava {@code HashCode} its {@code padToLong()}
     * @param buckets at least 1
     * @throws IllegalArgumentException if there are fewer
     */
    public static int bucket(long hash, int buckets) {
        if (buckets < 1) {
            throw new IllegalArgumentException(
                    "buckets must be positive: buckets=" + buckets + " (expected: 1 or more)");
        }
        long state = hash;
        int candidate = 0;
        while (true) {
            state = 2862933555777941757L * state + 1;
            double draw = ((int) (state >>> 33) + 1) * 0x1p-31;
            // As in the original: a quotient beyond the integers becomes the greatest, which ends the search.
            int next = (int) ((candidate + 1) / draw);
            if (next < 0 || next >= buckets) {
                return candidate;
            }
            candidate = next;
        }
    }
}
