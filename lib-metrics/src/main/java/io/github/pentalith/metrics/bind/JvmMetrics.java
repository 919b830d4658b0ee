// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;

/** Skeleton. */
public final class JvmMetrics {
    private JvmMetrics() {}

    /**
     * Registers {@code process_*} and {@code jvm_*}.
     *
     * @param registry where
     * @return what removes the hook
     */
    public static Registration bind(MetricRegistry registry) {
        throw new UnsupportedOperationException();
    }
}
