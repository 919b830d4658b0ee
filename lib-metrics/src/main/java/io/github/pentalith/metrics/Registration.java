// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/** What undoes a registration. Thread-safe; closing twice is the same as closing once. */
@FunctionalInterface
public interface Registration extends AutoCloseable {
    /** Takes back what was registered; never throws. */
    @Override
    void close();
}
