// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.Objects;

/**
 * What a loader may say about the entry that it loads. Belongs to one load and its thread.
 *
 * <pre>{@code
 * public Price load(String id, LoadContext context) {
 *     Price price = fetch(id);
 *     context.options(context.options().ttl(price.validFor()));
 *     return price;
 * }
 * }</pre>
 */
public final class LoadContext {
    private EntryOptions options;

    LoadContext(EntryOptions options) {
        this.options = options;
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
}
