// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/**
 * What {@link EndpointSource#subscribe} gives back; closing it ends the deliveries. Idempotent, never blocks for long. A
 * delivery that is under way on another thread may still end after {@code close()} returned.
 */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /** Ends the subscription. */
    @Override
    void close();
}
