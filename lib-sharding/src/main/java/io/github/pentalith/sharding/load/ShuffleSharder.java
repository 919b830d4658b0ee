// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.load;

import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Gives every tenant its own small subset of the nodes, so that one that breaks its nodes harms few others: of 100 nodes
 * in subsets of 5, two tenants share all five once in 75 million.
 *
 * <p>A tenant's zones and its nodes in each zone are drawn by rendezvous hashing: the subset depends on tenant and nodes
 * alone, a greater one contains the smaller one, zones have as many of its nodes as others or one more (or all they
 * have), and a node that comes or goes changes at most one member.
 *
 * <p><b>Thread-safety:</b> immutable.
 *
 * <p><b>Time and memory:</b> a subset asks every zone, and every node of the zones it needs, for each member: some
 * microseconds for a hundred nodes. Keep it with the tenant.
 *
 * <p><b>Failure:</b> sizes beyond the nodes and nodes of unequal weight are refused.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * ShuffleSharder sharder = ShuffleSharder.of(workers, 5);
 * List<Node> own = sharder.subset("tenant-42");
 * double blast = sharder.overlapProbability(5); // that another tenant has the very same five
 * }</pre>
 *
 * <p><b>Source:</b> "Workload isolation using shuffle-sharding", Amazon Builders' Library.
 */
public final class ShuffleSharder {
    /** Any constant: tells the draw of the zones from that of the nodes. */
    private static final long ZONES = 0x5a6f6e6573L;

    private final List<Node> nodes;
    private final int size;
    private final Placement zoneOrder;

    /** The nodes of each zone, in the order of {@code zoneOrder.nodes()}. */
    private final List<Placement> zones;

    private ShuffleSharder(List<Node> nodes, int size, Placement zoneOrder, List<Placement> zones) {
        this.nodes = nodes;
        this.size = size;
        this.zoneOrder = zoneOrder;
        this.zones = zones;
    }

    /**
     * {@return a sharder over these nodes}
     *
     * @param nodes the nodes, in any order, of equal weight; one without a zone is a zone of its own
     * @param size how many nodes a tenant has, 1 to the number of nodes
     * @throws IllegalArgumentException if the size is out of range, two nodes have the same id or weights differ
     */
    public static ShuffleSharder of(Collection<Node> nodes, int size) {
        Placement all = Placement.rendezvous().over(List.copyOf(nodes)); // refuses what no set of nodes may be
        Map<String, List<Node>> byZone = new TreeMap<>();
        for (Node node : all.nodes()) {
            Node first = all.nodes().get(0);
            if (node.weight() != first.weight()) {
                throw new IllegalArgumentException(
                        "weight must be the same for all nodes: id=" + node.id() + ", weight=" + node.weight()
                                + " (expected: " + first.weight() + ", that of " + first.id() + ")");
            }
            String text = node.zone() == null ? "node " + node.id() : "zone " + node.zone();
            String zone = Long.toHexString(KeyHasher.utf8().hash(text));
            byZone.computeIfAbsent(zone, any -> new ArrayList<>()).add(Node.of(node.id()));
        }
        List<Placement> zones = new ArrayList<>();
        byZone.values().forEach(members -> zones.add(Placement.rendezvous().over(members)));
        Placement order = Placement.rendezvous()
                .over(byZone.keySet().stream().map(Node::of).toList());
        List<Node> listed = all.nodes();
        return new ShuffleSharder(listed, checked(size, listed.size()), order, List.copyOf(zones));
    }

    private static int checked(int size, int nodes) {
        if (size < 1 || size > nodes) {
            throw new IllegalArgumentException(
                    "size must be in range: size=" + size + " (expected: 1 to " + nodes + ", the number of nodes)");
        }
        return size;
    }

    /**
     * {@return a sharder over the same nodes whose subsets have another size, and contain or are contained in those of
     * this one}
     *
     * @param newSize 1 to the number of nodes
     * @throws IllegalArgumentException if it is out of range
     */
    public ShuffleSharder size(int newSize) {
        return new ShuffleSharder(nodes, checked(newSize, nodes.size()), zoneOrder, zones);
    }

    /** {@return how many nodes a tenant has} */
    public int size() {
        return size;
    }

    /** {@return all nodes, by id} */
    public List<Node> nodes() {
        return nodes;
    }

    /**
     * {@return the nodes of a tenant}
     *
     * @param tenant its name
     */
    public List<Node> subset(String tenant) {
        return subset(KeyHasher.utf8().hash(Objects.requireNonNull(tenant, "tenant")));
    }

    /**
     * {@return the nodes of a tenant}
     *
     * @param tenantHash 64 well-mixed bits of it
     */
    public List<Node> subset(long tenantHash) {
        int[] order = new int[zones.size()];
        zoneOrder.replicas(tenantHash ^ ZONES, order);
        int[][] drawn = new int[zones.size()][];
        List<Node> subset = new ArrayList<>(size);
        for (int round = 0; subset.size() < size; round++) {
            for (int i = 0; i < order.length && subset.size() < size; i++) {
                Placement zone = zones.get(order[i]);
                if (round < zone.nodes().size()) {
                    if (drawn[i] == null) {
                        drawn[i] = new int[Math.min(size, zone.nodes().size())];
                        zone.replicas(tenantHash, drawn[i]);
                    }
                    subset.add(node(zone.nodes().get(drawn[i][round]).id()));
                }
            }
        }
        return List.copyOf(subset);
    }

    private Node node(String id) {
        int low = 0;
        int high = nodes.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (nodes.get(middle).id().compareTo(id) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return nodes.get(low);
    }

    /**
     * {@return how probable it is that two tenants have exactly so many nodes in common}
     *
     * <p>Exact for any zones: in each, the common nodes follow the hypergeometric distribution, given how many each of
     * the two has there. Takes time in proportion to the zones times the third power of the size.
     *
     * @param common number of nodes in common
     * @throws IllegalArgumentException if it is negative or greater than the size
     */
    public double overlapProbability(int common) {
        if (common < 0 || common > size) {
            throw new IllegalArgumentException(
                    "common must be in range: common=" + common + " (expected: 0 to " + size + ", the size)");
        }
        int full = fullRounds();
        int rest = size;
        int eligible = 0;
        for (Placement zone : zones) {
            rest -= Math.min(full, zone.nodes().size());
            eligible += zone.nodes().size() > full ? 1 : 0;
        }
        // Zone by zone: how many of the rest the first and the second tenant have drawn so far, and the nodes in
        // common.
        double[][][] states = new double[rest + 1][rest + 1][size + 1];
        states[0][0][0] = 1;
        int seen = 0;
        for (Placement zone : zones) {
            int members = zone.nodes().size();
            states = members > full ? withZone(states, members, full, eligible - seen++) : shifted(states, members);
        }
        return states[rest][rest][common];
    }

    /** How many rounds there are in which every zone that still can gives a node. */
    private int fullRounds() {
        int full = 0;
        int given = 0;
        while (true) {
            int round = 0;
            for (Placement zone : zones) {
                round += zone.nodes().size() > full ? 1 : 0;
            }
            if (round == 0 || given + round > size) {
                return full;
            }
            given += round;
            full++;
        }
    }

    /** Both tenants have all nodes of a zone. */
    private static double[][][] shifted(double[][][] states, int members) {
        double[][][] next = new double[states.length][states.length][states[0][0].length];
        for (int a = 0; a < states.length; a++) {
            for (int b = 0; b < states.length; b++) {
                System.arraycopy(states[a][b], 0, next[a][b], members, next[a][b].length - members);
            }
        }
        return next;
    }

    /** Each tenant has the nodes of the full rounds, and with the odds of a draw without replacement one more. */
    private static double[][][] withZone(double[][][] states, int members, int full, int left) {
        int rest = states.length - 1;
        double[][][] next = new double[rest + 1][rest + 1][states[0][0].length];
        for (int more = 0; more < 4; more++) {
            int moreA = more & 1;
            int moreB = more >> 1;
            double[] hits = hypergeometric(members, full + moreA, full + moreB);
            for (int a = 0; a + moreA <= rest; a++) {
                for (int b = 0; b + moreB <= rest; b++) {
                    double odds = odds(rest - a, left, moreA) * odds(rest - b, left, moreB);
                    for (int had = 0; had < states[a][b].length && odds > 0; had++) {
                        for (int hit = 0; hit < hits.length && had + hit < states[a][b].length; hit++) {
                            next[a + moreA][b + moreB][had + hit] += odds * states[a][b][had] * hits[hit];
                        }
                    }
                }
            }
        }
        return next;
    }

    private static double odds(int wanted, int left, int more) {
        double chosen = Math.min(1, (double) wanted / left);
        return more == 1 ? chosen : 1 - chosen;
    }

    /** The distribution of hits when so many are drawn without replacement, draw by draw. */
    private static double[] hypergeometric(int members, int marked, int draws) {
        double[] hits = new double[Math.min(marked, draws) + 1];
        hits[0] = 1;
        for (int draw = 0; draw < draws; draw++) {
            for (int hit = hits.length - 1; hit >= 0; hit--) {
                double miss = 1 - (double) (marked - hit) / (members - draw);
                double before = hit == 0 ? 0 : hits[hit - 1] * (marked - hit + 1) / (members - draw);
                hits[hit] = hits[hit] * Math.max(0, miss) + before;
            }
        }
        return hits;
    }

    @Override
    public String toString() {
        return "ShuffleSharder[nodes=" + nodes.size() + ", zones=" + zones.size() + ", size=" + size + "]";
    }
}
