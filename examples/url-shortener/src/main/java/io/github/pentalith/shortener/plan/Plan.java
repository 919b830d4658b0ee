// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.plan;

import io.github.pentalith.metrics.slo.Availability;

/**
 * The servers for a load, and the availability of what they make up. All of it is arithmetic on the inputs.
 *
 * <p>A request needs a front (any), enough nodes for the peak, and one shard, of which one copy is enough. Redis is not
 * on that list: without it links come from the databases, more slowly.
 *
 * @param load what is asked
 * @param fronts the load balancers
 * @param frontCopies how many of them
 * @param node an application node
 * @param spareNodes nodes that may fail at the peak
 * @param cache a server of the cache
 * @param shard a database
 * @param copies databases that hold the same
 * @param headroom the share of each server left free at the peak
 */
public record Plan(
        Load load,
        double fronts,
        int frontCopies,
        Server node,
        int spareNodes,
        Server cache,
        Server shard,
        int copies,
        double headroom) {
    /** Checks all values. */
    public Plan {
        Load.require("front-availability", fronts, fronts >= 0 && fronts <= 1, "0 to 1");
        Load.require("fronts", frontCopies, frontCopies >= 1, "1 or more");
        Load.require("spare-nodes", spareNodes, spareNodes >= 0, "0 or more");
        Load.require("copies", copies, copies >= 1, "1 or more");
        Load.require("headroom", headroom, headroom >= 0 && headroom < 1, "0 or more, less than 1");
    }

    /** {@return nodes that must work at the peak} */
    public long nodesNeeded() {
        double perSecond = load.writesPerSecond() + load.readsPerSecond();
        return node.byRate(perSecond, load.peakFactor(), headroom);
    }

    /** {@return nodes, with those to spare} */
    public long nodes() {
        return nodesNeeded() + spareNodes;
    }

    /** {@return servers of the cache that the bytes need} */
    public long cachesBySize() {
        return cache.bySize(load.cacheBytes());
    }

    /** {@return servers of the cache that the rate of reads needs} */
    public long cachesByRate() {
        return cache.byRate(load.readsPerSecond(), load.peakFactor(), headroom);
    }

    /** {@return servers of the cache} */
    public long caches() {
        return Math.max(cachesBySize(), cachesByRate());
    }

    /** {@return shards that the bytes need} */
    public long shardsBySize() {
        return shard.bySize(load.storedBytes());
    }

    /** {@return shards that the rate of writes and of reads past the cache needs} */
    public long shardsByRate() {
        return shard.byRate(load.writesPerSecond() + load.missesPerSecond(), load.peakFactor(), headroom);
    }

    /** {@return shards} */
    public long shards() {
        return Math.max(shardsBySize(), shardsByRate());
    }

    /** {@return of the fronts, of which any is enough} */
    public Availability frontAvailability() {
        return Availability.kOfN(1, frontCopies, Availability.of(fronts));
    }

    /** {@return of enough nodes for the peak} */
    public Availability nodeAvailability() {
        return Availability.kOfN(
                Math.toIntExact(nodesNeeded()), Math.toIntExact(nodes()), Availability.of(node.availability()));
    }

    /** {@return of one shard, of which any copy is enough} */
    public Availability shardAvailability() {
        return Availability.kOfN(1, copies, Availability.of(shard.availability()));
    }

    /** {@return of all shards at once} */
    public Availability allShardsAvailability() {
        int all = Math.toIntExact(shards());
        return Availability.kOfN(all, all, shardAvailability());
    }

    /** {@return of one link: fronts, nodes and its shard} */
    public Availability linkAvailability() {
        return Availability.series(frontAvailability(), nodeAvailability(), shardAvailability());
    }

    /** {@return of every link at once} */
    public Availability wholeAvailability() {
        return Availability.series(frontAvailability(), nodeAvailability(), allShardsAvailability());
    }
}
