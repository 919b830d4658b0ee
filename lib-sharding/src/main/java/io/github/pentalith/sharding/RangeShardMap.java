// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Places keys by their order: every key from a bound on, and before the next bound, lives on one node.
 *
 * <p>A map begins as one range over everything and only splits, so that there is no key without a node and no key with
 * two. Ranges include their lower bound and exclude their upper one. Keys are ordered by {@code compareTo}; for strings
 * that is the order of UTF-16 code units, which differs from that of UTF-8 bytes above U+FFFF.
 *
 * <p><b>Thread-safety:</b> immutable, if the keys are.
 *
 * <p><b>Time and memory:</b> a look-up is a binary search; a change copies the list of ranges.
 *
 * <p><b>Failure:</b> a look-up fails only for a null key. A change that cannot be made throws {@link
 * IllegalArgumentException} and leaves this map as it is.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * RangeShardMap<String> names = RangeShardMap.of(String.class, Node.of("db-1"))
 *         .split("h", Node.of("db-2")) // "h" and all after it
 *         .split("p", Node.of("db-3")); // "p" and all after it
 * Node home = names.locate("lovelace"); // db-2
 * List<Node> some = names.overlapping("a", "i").stream().map(RangeShardMap.Range::node).toList(); // db-1, db-2
 * }</pre>
 *
 * @param <K> type of the keys
 */
public final class RangeShardMap<K extends Comparable<? super K>> implements ShardMap<K> {
    private final Class<K> type;

    /** Strictly growing; range i lies between bound i - 1 and bound i. */
    private final List<K> bounds;

    private final List<Node> owners;
    private final List<Node> nodes;
    private final long epoch;

    private RangeShardMap(Class<K> type, List<K> bounds, List<Node> owners, long epoch) {
        this.type = type;
        this.bounds = List.copyOf(bounds);
        this.owners = List.copyOf(owners);
        this.nodes = distinct(owners);
        this.epoch = epoch;
    }

    /** The nodes by id; one id may not stand for two different nodes. */
    static List<Node> distinct(Iterable<Node> owners) {
        TreeMap<String, Node> byId = new TreeMap<>();
        for (Node owner : owners) {
            Node known = byId.putIfAbsent(owner.id(), owner);
            if (known != null && !known.equals(owner)) {
                throw new IllegalArgumentException(
                        "node must be the same wherever its id is used: " + owner + " (expected: " + known + ")");
            }
        }
        return List.copyOf(byId.values());
    }

    /**
     * {@return a map of one range over all keys, at epoch 1}
     *
     * @param <K> type of the keys
     * @param type class of the keys
     * @param everything the node of all keys
     */
    public static <K extends Comparable<? super K>> RangeShardMap<K> of(Class<K> type, Node everything) {
        return new RangeShardMap<>(Objects.requireNonNull(type, "type"), List.of(), List.of(everything), 1);
    }

    @Override
    public Node locate(K key) {
        return owners.get(indexOf(key));
    }

    /** The number of bounds that are not greater than the key. */
    private int indexOf(K key) {
        int found = Collections.binarySearch(bounds, type.cast(Objects.requireNonNull(key, "key")));
        return found >= 0 ? found + 1 : -found - 1;
    }

    @Override
    public List<Node> nodes() {
        return nodes;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /**
     * {@return the next epoch of this map, in which the upper part of a range lives on another node}
     *
     * @param at the first key of the upper part; not yet a bound
     * @param upper the node of the upper part
     * @throws IllegalArgumentException if {@code at} is a bound already
     */
    public RangeShardMap<K> split(K at, Node upper) {
        Objects.requireNonNull(upper, "upper");
        int index = indexOf(at);
        if (index > 0 && bounds.get(index - 1).compareTo(at) == 0) {
            throw new IllegalArgumentException(
                    "at must not be a bound: at=" + at + " (expected: a key inside of " + range(index) + ")");
        }
        List<K> newBounds = new ArrayList<>(bounds);
        newBounds.add(index, at);
        List<Node> newOwners = new ArrayList<>(owners);
        newOwners.add(index + 1, upper);
        return new RangeShardMap<>(type, newBounds, newOwners, epoch + 1);
    }

    /**
     * {@return the next epoch of this map, in which the ranges on both sides of a bound are one, on the node of the lower}
     *
     * @param at a bound
     * @throws IllegalArgumentException if it is none
     */
    public RangeShardMap<K> merge(K at) {
        int index = indexOf(at);
        if (index == 0 || bounds.get(index - 1).compareTo(at) != 0) {
            throw new IllegalArgumentException("at must be a bound: at=" + at + " (expected: one of " + bounds + ")");
        }
        List<K> newBounds = new ArrayList<>(bounds);
        newBounds.remove(index - 1);
        List<Node> newOwners = new ArrayList<>(owners);
        newOwners.remove(index);
        return new RangeShardMap<>(type, newBounds, newOwners, epoch + 1);
    }

    /**
     * {@return the next epoch of this map, in which one range lives on another node; this map if it does already}
     *
     * @param within any key of the range
     * @param to the node
     */
    public RangeShardMap<K> move(K within, Node to) {
        Objects.requireNonNull(to, "to");
        int index = indexOf(within);
        if (owners.get(index).equals(to)) {
            return this;
        }
        List<Node> newOwners = new ArrayList<>(owners);
        newOwners.set(index, to);
        return new RangeShardMap<>(type, bounds, newOwners, epoch + 1);
    }

    /** {@return all ranges in order; each begins where the one before ends} */
    public List<Range<K>> ranges() {
        List<Range<K>> all = new ArrayList<>(owners.size());
        for (int i = 0; i < owners.size(); i++) {
            all.add(range(i));
        }
        return List.copyOf(all);
    }

    /**
     * {@return the ranges that have keys between these, in order; to ask for a range of keys}
     *
     * @param lower the first key
     * @param upper the key after the last one, greater than {@code lower}
     * @throws IllegalArgumentException if it is not greater
     */
    public List<Range<K>> overlapping(K lower, K upper) {
        Objects.requireNonNull(upper, "upper");
        if (Objects.requireNonNull(lower, "lower").compareTo(upper) >= 0) {
            throw new IllegalArgumentException("upper must be greater than lower: lower=" + lower + ", upper=" + upper
                    + " (expected: lower < upper)");
        }
        List<Range<K>> found = new ArrayList<>();
        for (int i = indexOf(lower);
                i == 0 || (i < owners.size() && bounds.get(i - 1).compareTo(upper) < 0);
                i++) {
            found.add(range(i));
        }
        return List.copyOf(found);
    }

    private Range<K> range(int index) {
        K lower = index == 0 ? null : bounds.get(index - 1);
        K upper = index == bounds.size() ? null : bounds.get(index);
        return new Range<>(lower, upper, owners.get(index));
    }

    @Override
    public String toString() {
        return "RangeShardMap[epoch=" + epoch + ", keys=" + type.getSimpleName() + ", ranges=" + owners.size()
                + ", nodes=" + nodes.size() + "]";
    }

    /**
     * A range of keys and where they live.
     *
     * @param <K> type of the keys
     * @param lower the first key, or null: from the least on
     * @param upper the key after the last one, or null: up to the greatest
     * @param node where the keys live
     */
    public record Range<K>(@Nullable K lower, @Nullable K upper, Node node) {}
}
