// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.compat;

import io.github.pentalith.sharding.Node;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The Ketama ring of memcached clients, as spymemcached places: 160 points per node, made of MD5 of the node's text, a
 * dash and a number.
 *
 * <p>The id of a {@link Node} is that text. spymemcached writes {@code 10.0.0.1:11211} for an address without a host
 * name and {@code cache-1/10.0.0.1:11211} for one with it; in the format of libmemcached it writes the host name, and
 * the port only if it is not 11211: {@code cache-1}. The two formats place keys differently. Should two nodes have the
 * same point, the later in the list has it.
 *
 * <p><b>Thread-safety:</b> immutable.
 *
 * <p><b>Time and memory:</b> a look-up is MD5 of the key, which allocates, and a binary search; 12 bytes per point.
 *
 * <p><b>Failure:</b> no nodes or the same id twice are refused.
 *
 * <p><b>Example:</b> {@code Node home = Ketama.of(List.of(Node.of("10.0.0.1:11211"), Node.of("10.0.0.2:11211")))
 * .locate("user:42");}
 *
 * <p><b>Source:</b> {@code KetamaNodeLocator} of spymemcached 2.12.
 */
public final class Ketama {
    private static final int POINTS = 160;
    private static final int POINTS_PER_DIGEST = 4;
    private static final MessageDigest MD5 = md5();

    private final List<Node> nodes;
    private final long[] points;
    private final int[] owners;

    private Ketama(List<Node> nodes, Map<Long, Integer> ring) {
        this.nodes = nodes;
        this.points = ring.keySet().stream().mapToLong(Long::longValue).toArray();
        this.owners = ring.values().stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * {@return the ring of these nodes, which all have 160 points}
     *
     * @param nodes the nodes in the order in which the client lists them; their weights do not count
     * @throws IllegalArgumentException if there are none, or two have the same id
     */
    public static Ketama of(Collection<Node> nodes) {
        List<Node> listed = checked(nodes);
        TreeMap<Long, Integer> ring = new TreeMap<>();
        for (int owner = 0; owner < listed.size(); owner++) {
            put(ring, listed.get(owner), owner, POINTS / POINTS_PER_DIGEST);
        }
        return new Ketama(listed, ring);
    }

    /**
     * {@return the ring of these nodes with points by weight, as spymemcached makes it if weights are given}
     *
     * <p>The original reckons with floats and rounds down to whole digests, so equal weights may give each node fewer
     * than 160 points, and a node of very small weight has none.
     *
     * @param nodes the nodes in the order in which the client lists them
     * @throws IllegalArgumentException if there are none, two have the same id, or none has a point
     */
    public static Ketama weighted(Collection<Node> nodes) {
        List<Node> listed = checked(nodes);
        int total = 0;
        for (Node node : listed) {
            total = Math.addExact(total, node.weight());
        }
        TreeMap<Long, Integer> ring = new TreeMap<>();
        for (int owner = 0; owner < listed.size(); owner++) {
            float part = (float) listed.get(owner).weight() / (float) total;
            float digests = part * POINTS / POINTS_PER_DIGEST * listed.size();
            put(ring, listed.get(owner), owner, (int) Math.floor((float) (digests + 1e-10)));
        }
        if (ring.isEmpty()) {
            throw new IllegalArgumentException(
                    "weights must leave points: nodes=" + listed.size() + " (expected: a node with a share of 1/40)");
        }
        return new Ketama(listed, ring);
    }

    private static List<Node> checked(Collection<Node> nodes) {
        List<Node> listed = List.copyOf(nodes);
        if (listed.isEmpty()) {
            throw new IllegalArgumentException("nodes must not be empty: nodes=[] (expected: at least 1)");
        }
        Set<String> ids = new HashSet<>();
        for (Node node : listed) {
            if (!ids.add(node.id())) {
                throw new IllegalArgumentException(
                        "nodes must have distinct ids: id=" + node.id() + " (expected: each id once)");
            }
        }
        return listed;
    }

    private static void put(Map<Long, Integer> ring, Node node, int owner, int digests) {
        for (int i = 0; i < digests; i++) {
            byte[] digest = digest(node.id() + "-" + i);
            for (int part = 0; part < POINTS_PER_DIGEST; part++) {
                ring.put(point(digest, part), owner);
            }
        }
    }

    /** {@return the nodes as they were listed} */
    public List<Node> nodes() {
        return nodes;
    }

    /**
     * {@return the node that the key lives on}
     *
     * @param key the key, which is hashed in UTF-8
     */
    public Node locate(String key) {
        int at = Arrays.binarySearch(points, hash(key));
        int after = at < 0 ? -at - 1 : at;
        return nodes.get(owners[after < points.length ? after : 0]);
    }

    /**
     * {@return the place of a key on the ring, from 0 to 2^32 - 1: the first four bytes of its MD5, lowest first}
     *
     * @param key the key
     */
    public static long hash(String key) {
        return point(digest(Objects.requireNonNull(key, "key")), 0);
    }

    private static long point(byte[] digest, int part) {
        int at = POINTS_PER_DIGEST * part;
        return (digest[at + 3] & 0xffL) << 24
                | (digest[at + 2] & 0xffL) << 16
                | (digest[at + 1] & 0xffL) << 8
                | (digest[at] & 0xffL);
    }

    /** Cloning a fresh digest is three times as fast as asking the security providers for one. */
    private static byte[] digest(String text) {
        try {
            return ((MessageDigest) MD5.clone()).digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            throw new AssertionError("MD5 of this JDK cannot be copied", e);
        }
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK must have MD5", e);
        }
    }

    @Override
    public String toString() {
        return "Ketama[nodes=" + nodes.size() + ", points=" + points.length + "]";
    }
}
