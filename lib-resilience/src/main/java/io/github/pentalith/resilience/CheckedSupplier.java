// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jspecify.annotations.Nullable;

/**
 * Work that returns a result and may throw; the type of what it throws is part of the type, so that
 * {@link Pipeline#call} throws no more than the work does.
 *
 * @param <T> the type of the result, which may be null
 * @param <X> what the work throws; inferred as {@link RuntimeException} for a lambda that throws nothing checked
 */
@FunctionalInterface
public interface CheckedSupplier<T extends @Nullable Object, X extends Exception> {
    /**
     * Does the work.
     *
     * @return its result
     * @throws X if the work fails
     */
    T get() throws X;
}
