// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.Pipeline;

/** The one way to the remote store: through the pipeline, timed and counted. */
final class RemoteCalls {
    private final Pipeline pipeline;
    private final Coherence coherence;
    private final Counters counters;

    RemoteCalls(Pipeline pipeline, Coherence coherence, Counters counters) {
        this.pipeline = pipeline;
        this.coherence = coherence;
        this.counters = counters;
    }

    <T> T call(CheckedSupplier<T, RuntimeException> work) {
        long start = coherence.now();
        boolean success = false;
        try {
            T result = pipeline.call(work);
            success = true;
            return result;
        } finally {
            counters.remoteCalled(coherence.now() - start, success);
        }
    }

    @Override
    public String toString() {
        return pipeline.name();
    }
}
