// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/**
 * Work without a result that may throw; see {@link CheckedSupplier}.
 *
 * @param <X> what the work throws; inferred as {@link RuntimeException} for a lambda that throws nothing checked
 */
@FunctionalInterface
public interface CheckedRunnable<X extends Exception> {
    /**
     * Does the work.
     *
     * @throws X if the work fails
     */
    void run() throws X;
}
