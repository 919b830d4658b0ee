// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * The one mutable cell of this library: holds the map that is current now, and goes only forward.
 *
 * <p>Read {@link #current()} once per piece of work and keep the map for its length: two calls may see two epochs.
 *
 * <p><b>Thread-safety:</b> safe for any number of threads. Readers never wait. A map is published by compare-and-set,
 * and only if its epoch is greater than that of the current one, whatever the order in which threads or messages arrive.
 *
 * <p><b>Time and memory:</b> reading costs one acquire read, a plain load on x86.
 *
 * <p><b>Failure:</b> publishing an older map is not an error; it is refused and counted.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * var links = ShardMapHolder.of("links", ShardMap.of("db-1", "db-2"));
 * links.update(map -> map.with(Node.of("db-3")));                                    // here
 * links.publish(HashShardMap.fromBytes(received, KeyHasher.strings()));              // from elsewhere
 * Node home = links.current().locate("k7Qx2");
 * }</pre>
 *
 * @param <M> type of the map
 */
public final class ShardMapHolder<M extends ShardMap<?>> {
    private static final VarHandle CURRENT;

    static {
        try {
            CURRENT = MethodHandles.lookup().findVarHandle(ShardMapHolder.class, "current", ShardMap.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();

    /** Maps are immutable, so acquire reads suffice: what a reader sees of a map, it sees completely. */
    private volatile M current;

    private ShardMapHolder(String name, M first) {
        this.name = Names.check("name", name);
        this.current = Objects.requireNonNull(first, "first");
    }

    /**
     * {@return a holder of this map}
     *
     * @param <M> type of the map
     * @param name name in statistics and metrics, 1 to 1,024 bytes of UTF-8
     * @param first the map to begin with
     * @throws IllegalArgumentException if the name is empty, too long or has unpaired surrogates
     */
    public static <M extends ShardMap<?>> ShardMapHolder<M> of(String name, M first) {
        return new ShardMapHolder<>(name, first);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return the map that is current now} */
    @SuppressWarnings("unchecked")
    public M current() {
        return (M) CURRENT.getAcquire(this);
    }

    /**
     * Makes a map the current one, if its epoch is greater than that of the current one.
     *
     * @param next the map
     * @return whether it was published; false if its epoch is not greater
     */
    public boolean publish(M next) {
        Objects.requireNonNull(next, "next");
        M now = current;
        while (next.epoch() > now.epoch()) {
            if (CURRENT.compareAndSet(this, now, next)) {
                published.incrementAndGet();
                return true;
            }
            now = current;
        }
        rejected.incrementAndGet();
        return false;
    }

    /**
     * Changes the current map. If another thread publishes meanwhile, the change is computed again from its map.
     *
     * @param change gives the next map, or the same if nothing is to be done; may be called several times
     * @return the map that is current because of this call
     * @throws IllegalStateException if the changed map is another one but its epoch is not greater
     */
    public M update(UnaryOperator<M> change) {
        Objects.requireNonNull(change, "change");
        while (true) {
            M now = current;
            M next = Objects.requireNonNull(change.apply(now), "changed map");
            if (next == now) {
                return now;
            }
            if (next.epoch() <= now.epoch()) {
                throw new IllegalStateException("changed map must have a greater epoch: epoch=" + next.epoch()
                        + " (expected: more than " + now.epoch() + ")");
            }
            if (CURRENT.compareAndSet(this, now, next)) {
                published.incrementAndGet();
                return next;
            }
        }
    }

    /** {@return counts since creation, and the state now} */
    public Stats stats() {
        M now = current();
        return new Stats(name, now.epoch(), now.nodes().size(), published.get(), rejected.get());
    }

    @Override
    public String toString() {
        return "ShardMapHolder[" + name + ", " + current() + "]";
    }

    /**
     * Counts since creation, never reset, and the state now.
     *
     * @param name name of the holder
     * @param epoch epoch of the current map
     * @param nodes number of nodes of the current map
     * @param published maps published after the first
     * @param rejected maps that {@link #publish} refused because their epoch was not greater
     */
    public record Stats(String name, long epoch, int nodes, long published, long rejected) {}
}
