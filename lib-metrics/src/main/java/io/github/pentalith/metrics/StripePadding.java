// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/**
 * Comes before all fields of a {@link Stripe} in memory. Else its sum would share a cache line with whatever was made
 * just before it: the object through which every thread comes to its stripe.
 */
@SuppressWarnings("UnusedVariable")
abstract class StripePadding {
    private long before0, before1, before2, before3, before4, before5, before6, before7;
}
