// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * A cluster as one of its nodes sees it: the answer of CLUSTER NODES.
 *
 * @param myself the id of the node that answered
 * @param masters the addresses of the masters that work, by id
 * @param slots their slots, by id
 */
record ClusterView(String myself, Map<String, HostAndPort> masters, Map<String, BitSet> slots) {
    static final int SLOTS = 16_384;

    /**
     * Reads the answer of a node.
     *
     * @param text the answer
     * @param asked the host that was asked: a node that nobody met yet does not know its own
     * @throws IllegalArgumentException if it is no such answer
     */
    static ClusterView parse(String text, String asked) {
        String myself = null;
        Map<String, HostAndPort> masters = new HashMap<>();
        Map<String, BitSet> slots = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.strip().split(" ", -1);
            if (words.length < 8) {
                continue;
            }
            List<String> flags = List.of(words[2].split(",", -1));
            if (flags.contains("myself")) {
                myself = words[0];
            }
            HostAndPort address = address(words[1], asked);
            boolean works = flags.contains("master")
                    && !flags.contains("fail")
                    && !flags.contains("handshake")
                    && !flags.contains("noaddr");
            if (works && address != null) {
                masters.put(words[0], address);
                slots.put(words[0], slots(words));
            }
        }
        if (myself == null) {
            throw new IllegalArgumentException("not an answer of CLUSTER NODES");
        }
        return new ClusterView(myself, Map.copyOf(masters), Map.copyOf(slots));
    }

    /** {@code ip:port@busPort,hostname}: the name, if there is one, because certificates name it. */
    private static @Nullable HostAndPort address(String word, String asked) {
        String[] parts = word.split(",", -1);
        int at = parts[0].indexOf('@');
        String plain = at < 0 ? parts[0] : parts[0].substring(0, at);
        int colon = plain.lastIndexOf(':');
        if (colon < 0) {
            return null;
        }
        String ip = plain.substring(0, colon);
        boolean named = parts.length > 1 && !parts[1].isEmpty() && parts[1].indexOf('=') < 0;
        String host = named ? parts[1] : ip.isEmpty() ? asked : ip;
        return new HostAndPort(host, Integer.parseInt(plain.substring(colon + 1)));
    }

    private static BitSet slots(String[] words) {
        BitSet owned = new BitSet(SLOTS);
        for (int i = 8; i < words.length; i++) {
            if (words[i].startsWith("[")) {
                continue; // on its way from or to another node; its owner is said elsewhere
            }
            int dash = words[i].indexOf('-');
            int from = Integer.parseInt(dash < 0 ? words[i] : words[i].substring(0, dash));
            int to = dash < 0 ? from : Integer.parseInt(words[i].substring(dash + 1));
            owned.set(from, to + 1);
        }
        return owned;
    }

    boolean isMaster() {
        return masters.containsKey(myself);
    }

    /** The slots that the node itself serves: of those it knows best. */
    BitSet own() {
        return slots.getOrDefault(myself, new BitSet());
    }

    /** The master of each slot; null for those that have none. */
    @Nullable
    HostAndPort[] owners() {
        @Nullable HostAndPort[] owners = new HostAndPort[SLOTS];
        slots.forEach((id, owned) -> owned.stream().forEach(slot -> owners[slot] = masters.get(id)));
        return owners;
    }
}
