// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.TieredCache.Observer;
import io.github.pentalith.cache.TieredCache.RemoteState;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts since creation, and the one place from which the observer is called: what it throws ends here. */
final class Counters {
    private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);

    final LongAdder localHits = new LongAdder();
    final LongAdder remoteHits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder staleServed = new LongAdder();
    final LongAdder timeouts = new LongAdder();
    final LongAdder remoteRefused = new LongAdder();
    final LongAdder remoteFailures = new LongAdder();
    final LongAdder decodeFailures = new LongAdder();
    final LongAdder encodeFailures = new LongAdder();
    final LongAdder invalidationsReceived = new LongAdder();
    final LongAdder feedLosses = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder loadFailures = new LongAdder();
    final LongAdder refreshes = new LongAdder();
    final LongAdder writes = new LongAdder();
    final LongAdder writeFailures = new LongAdder();
    final LongAdder loadNanos = new LongAdder();

    private final String name;
    private final Observer observer;

    Counters(String name, Observer observer) {
        this.name = name;
        this.observer = observer;
    }

    void loaded(long nanos, boolean success) {
        (success ? loads : loadFailures).increment();
        loadNanos.add(nanos);
        try {
            observer.onLoad(name, nanos, success);
        } catch (RuntimeException e) {
            contain(e);
        }
    }

    void remoteCalled(long nanos, boolean success) {
        if (!success) {
            remoteFailures.increment();
        }
        try {
            observer.onRemoteCall(name, nanos, success);
        } catch (RuntimeException e) {
            contain(e);
        }
    }

    void remoteChanged(RemoteState state) {
        try {
            observer.onRemoteState(name, state);
        } catch (RuntimeException e) {
            contain(e);
        }
    }

    private void contain(RuntimeException e) {
        LOG.debug("cache {}: the observer threw", name, e);
    }
}
