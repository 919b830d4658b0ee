// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import java.util.Map;
import java.util.Optional;

/**
 * Where the databases are.
 *
 * @param given id to address, in order; the first one keeps what belongs to no shard
 * @param own where a further shard is that has no address of its own
 */
public record Addresses(Map<String, Address> given, Own own) {
    /** What a program that keeps its databases itself knows. */
    @FunctionalInterface
    public interface Own {
        /** {@return where the shard of that id is, empty if this program keeps no databases} */
        Optional<Address> of(String id);
    }
}
