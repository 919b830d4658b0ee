// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a loader is told about the entry that it loads, and may say about it. Belongs to one load and its thread.
 *
 * <pre>{@code
 * public Price load(String id, LoadContext<Price> context) {
 *     Price old = context.previous();
 *     if (old != null && shop.etag(id).equals(old.etag())) {
 *         return context.unchanged(); // lives for another TTL
 *     }
 *     Price price = shop.fetch(id);
 *     context.options(context.options().ttl(price.validFor()));
 *     context.tag("shop:" + price.shop());
 *     return price;
 * }
 * }</pre>
 *
 * @param <V> the type of the values
 */
public final class LoadContext<V> {
    private EntryOptions options;
    private final @Nullable V previous;

    LoadContext(EntryOptions options, @Nullable V previous) {
        this.options = options;
        this.previous = previous;
    }

    /**
     * Returns the options that the entry will have: the cache's, unless the loader has set others.
     *
     * @return the options
     */
    public EntryOptions options() {
        return options;
    }

    /**
     * Sets the options that the entry will have.
     *
     * @param options the options
     */
    public void options(EntryOptions options) {
        this.options = Objects.requireNonNull(options, "options");
    }

    /**
     * Adds tags to the entry. Tags that only the loader knows cost a little more than those of {@link EntryOptions}: the
     * first value of a tag that this process has not met is given to its caller and not kept, because nobody knows
     * whether the tag was invalidated during the load.
     *
     * @param tags the tags
     * @throws IllegalArgumentException if one is empty, or there are too many of them
     */
    public void tag(String... tags) {
        Set<String> all = new LinkedHashSet<>(options.tags());
        all.addAll(List.of(tags));
        options = options.tags(all.toArray(String[]::new));
    }

    /**
     * Returns the value that the load is to replace: one past its TTL but within its stale time, or one that is
     * refreshed early. A value that was invalidated is not shown.
     *
     * @return the value, or null if there is none
     */
    public @Nullable V previous() {
        return previous;
    }

    /**
     * Returns the previous value, for a loader that finds that it still holds: it gets another TTL.
     *
     * @return the previous value
     * @throws IllegalStateException if there is none
     */
    public V unchanged() {
        if (previous == null) {
            throw new IllegalStateException("there is no previous value that could be unchanged");
        }
        return previous;
    }
}
