// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

/**
 * What a cache has counted since its creation, and its states now. An immutable value.
 *
 * @param name the name of the cache
 * @param localHits answers from the local level, negative ones included
 * @param remoteHits answers from the remote level, negative ones included
 * @param misses keys that no level knew
 * @param loads loads that succeeded
 * @param loadFailures loads that threw
 * @param refreshes loads of values that had not expired yet; counted as loads too
 * @param writes calls of the writer that returned
 * @param writeFailures calls of the writer that threw
 * @param loadNanos time spent in loads
 * @param staleServed answers with a value past its TTL
 * @param timeouts callers that gave up waiting for a load
 * @param localRefused values not put in the local level because an invalidation came meanwhile
 * @param remoteRefused loaded values that the remote level refused because the lease was void
 * @param remoteFailures calls to the remote level that failed or were refused
 * @param encodeFailures values that the remote level could not be given: too large, or the codec threw
 * @param decodeFailures values of the remote level that were broken or of another schema
 * @param invalidationsReceived keys that the feed told of
 * @param feedLosses how often the feed was lost
 * @param localSize entries in the local level, about
 * @param localEvictions entries that left the local level for its size
 * @param pendingWrites keys that will be invalidated in the remote level when it is back, because a write to them
 *     failed; the total of them as one, when they are too many
 * @param unverifiedNanos how old the youngest proof is that all invalidations have been heard; 0 without a remote
 *     level
 * @param remoteState what is known of the remote level
 */
public record CacheStats(
        String name,
        long localHits,
        long remoteHits,
        long misses,
        long loads,
        long loadFailures,
        long refreshes,
        long writes,
        long writeFailures,
        long loadNanos,
        long staleServed,
        long timeouts,
        long localRefused,
        long remoteRefused,
        long remoteFailures,
        long encodeFailures,
        long decodeFailures,
        long invalidationsReceived,
        long feedLosses,
        long localSize,
        long localEvictions,
        long pendingWrites,
        long unverifiedNanos,
        TieredCache.RemoteState remoteState) {}
