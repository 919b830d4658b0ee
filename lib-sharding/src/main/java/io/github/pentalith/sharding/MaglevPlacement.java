// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.List;

/**
 * Maglev's table: every node has its own order of preference over all entries, and takes, in turn, the first that is
 * free. A node with less weight skips turns, but not its first one, so that no node is without an entry.
 *
 * <p>The entry of a hash is the upper half of {@code hash * entries}, so that each entry is a range of hashes.
 *
 * <p>Source: D. Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016; turns by weight
 * as Envoy takes them.
 */
final class MaglevPlacement extends FirstOwnerPlacement {
    private static final int MAX_ENTRIES = 5_000_011;
    private static final int[] NO_TABLE = {};

    private final int entries;
    private final int[] table;

    private MaglevPlacement(int entries, Node[] nodes, int[] table) {
        super("maglev/" + entries, nodes);
        this.entries = entries;
        this.table = table;
    }

    static MaglevPlacement choice(int entries) {
        if (entries < 3 || entries > MAX_ENTRIES || !isPrime(entries)) {
            throw new IllegalArgumentException(
                    "entries must be a prime: entries=" + entries + " (expected: 3 to 5,000,011, such as 65,537)");
        }
        return new MaglevPlacement(entries, NO_NODES, NO_TABLE);
    }

    private static boolean isPrime(int n) {
        for (int divisor = 2; (long) divisor * divisor <= n; divisor++) {
            if (n % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Placement over(List<Node> newNodes) {
        Node[] sorted = Node.sorted(newNodes);
        if (sorted.length > entries) {
            throw new IllegalArgumentException("nodes must not outnumber the entries: nodes=" + sorted.length
                    + " (expected: 1 to " + entries + ", or more entries)");
        }
        return new MaglevPlacement(entries, sorted, filled(sorted, entries));
    }

    private static int[] filled(Node[] nodes, int entries) {
        int[] next = new int[nodes.length];
        int[] skip = new int[nodes.length];
        long[] due = new long[nodes.length];
        long heaviest = 0;
        for (int i = 0; i < nodes.length; i++) {
            long seed = RapidHash.hashUtf8(nodes[i].id());
            next[i] = (int) Long.remainderUnsigned(seed, entries);
            skip[i] = (int) Long.remainderUnsigned(Rendezvous.mix(seed), entries - 1) + 1;
            heaviest = Math.max(heaviest, nodes[i].weight());
        }
        int[] table = new int[entries];
        Arrays.fill(table, -1);
        int taken = 0;
        for (long turn = 0; taken < entries; turn++) {
            for (int i = 0; i < nodes.length && taken < entries; i++) {
                if (turn * nodes[i].weight() < due[i]) {
                    continue;
                }
                due[i] += heaviest;
                // As the number of entries is a prime, the steps visit them all, and one is free.
                while (table[next[i]] >= 0) {
                    next[i] = (next[i] + skip[i]) % entries;
                }
                table[next[i]] = i;
                taken++;
            }
        }
        return table;
    }

    private int entry(long hash) {
        return (int) (Math.multiplyHigh(hash, entries) + ((hash >> 63) & entries));
    }

    @Override
    public int locate(long hash) {
        if (table.length == 0) {
            throw bare();
        }
        return table[entry(hash)];
    }

    @Override
    long drawKey(long hash) {
        return Rendezvous.keyOf(entry(hash));
    }

    @Override
    public Properties properties() {
        return new Properties(
                false,
                true,
                true,
                true,
                true,
                "O(1): one read of a table; 4 bytes per entry, " + 4L * entries + " bytes");
    }

    @Override
    public long rangeEnd(long hash) {
        if (table.length == 0) {
            throw bare();
        }
        // The entry after this one begins at (entry + 1) * 2^64 / entries, rounded up; 2^64 = quotient * entries +
        // rest.
        long quotient = Long.divideUnsigned(-1L, entries);
        long rest = Long.remainderUnsigned(-1L, entries) + 1;
        long next = entry(hash) + 1L;
        return next * quotient + (next * rest + entries - 1) / entries - 1;
    }
}
