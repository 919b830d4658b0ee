// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** An observer, and the log line for the first thing that it or another piece of the user's code throws at us. */
final class Contained<O> {
    private final Logger log;
    private final String name;
    private final @Nullable O target;
    private final AtomicBoolean said = new AtomicBoolean();

    Contained(Logger log, String name, @Nullable O target) {
        this.log = log;
        this.name = name;
        this.target = target;
    }

    @Nullable
    O target() {
        return target;
    }

    /** Logs the first failure; a call must never end, nor a permit be lost, because of it. */
    void failed(Throwable error) {
        if (said.compareAndSet(false, true)) {
            log.warn("'{}': an observer, predicate or gate threw; further cases are not logged", name, error);
        }
    }
}
