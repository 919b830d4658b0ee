// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import io.github.pentalith.sharding.KeyHasher;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a balancer knows of one logical request across all its attempts: the endpoints that were tried, and whom it belongs
 * to. A retry with the same context goes to another endpoint while there is one.
 *
 * <pre>{@code
 * PickContext request = PickContext.create();
 * pipeline.call(() -> nodes.call(request, lease -> send(lease.target())));   // the pipeline retries, elsewhere
 * }</pre>
 *
 * <p>Make one per request. Thread-safe, so that hedged attempts can share it. The first attempt is remembered in a field;
 * later ones cost a small array.
 */
public final class PickContext {
    private static final VarHandle FIRST;
    private static final VarHandle LATER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            FIRST = lookup.findVarHandle(PickContext.class, "first", String.class);
            LATER = lookup.findVarHandle(PickContext.class, "later", String[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private boolean sticky;
    private long hash;
    private volatile @Nullable String first;
    private volatile String @Nullable [] later;

    private PickContext() {}

    /** {@return a context in which nothing was tried} */
    public static PickContext create() {
        return new PickContext();
    }

    /**
     * Says whom the request belongs to, for {@link Policy#consistentHash}: requests of the same key go to the same endpoint.
     * To be set before the first attempt.
     *
     * @param key a user, a session, a cache key
     * @return this context
     */
    public PickContext affinity(CharSequence key) {
        return affinity(KeyHasher.chars().hash(key));
    }

    /**
     * Says which client the request comes from, as {@link #affinity(CharSequence)} does.
     *
     * @param client its address; the port, which changes, is not part of it
     * @return this context
     */
    public PickContext affinity(InetAddress client) {
        return affinity(KeyHasher.bytes().hash(client.getAddress()));
    }

    /**
     * Says whom the request belongs to, by a hash that is there already.
     *
     * @param hash 64 well-mixed bits, as of a {@link KeyHasher}
     * @return this context
     */
    public PickContext affinity(long hash) {
        this.sticky = true;
        this.hash = hash;
        return this;
    }

    boolean sticky() {
        return sticky;
    }

    long hash() {
        return hash;
    }

    /**
     * {@return whether an attempt of this request went to the endpoint}
     *
     * @param endpoint any endpoint; its id decides
     */
    public boolean tried(Endpoint endpoint) {
        return tried(endpoint.id());
    }

    boolean tried(String id) {
        String one = first;
        if (one == null) {
            return false;
        }
        if (one.equals(id)) {
            return true;
        }
        String[] more = later;
        if (more != null) {
            for (String each : more) {
                if (each.equals(id)) {
                    return true;
                }
            }
        }
        return false;
    }

    void remember(String id) {
        if (first == null && FIRST.compareAndSet(this, null, id)) {
            return;
        }
        while (!tried(id)) {
            String[] more = later;
            String[] next = more == null ? new String[1] : Arrays.copyOf(more, more.length + 1);
            next[next.length - 1] = id;
            if (LATER.compareAndSet(this, more, next)) {
                return;
            }
        }
    }

    /** {@return the ids that were tried} */
    @Override
    public String toString() {
        String[] more = later;
        return "PickContext[tried=" + (first == null ? "" : first) + (more == null ? "" : " " + String.join(" ", more))
                + "]";
    }
}
