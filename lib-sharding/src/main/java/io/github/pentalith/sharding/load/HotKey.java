// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.load;

/**
 * A key that was asked for often.
 *
 * @param <K> type of the key
 * @param key the key
 * @param count at most so many samples were of this key
 * @param error the count is too great by at most this, so at least {@code count - error} samples were of this key
 * @param share the count as part of all samples: about the part of the load that this key makes
 */
public record HotKey<K>(K key, long count, long error, double share) {}
