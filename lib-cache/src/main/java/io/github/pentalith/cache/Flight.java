// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One search for one key in this process: led by one thread, awaited by others. */
final class Flight<V> {
    final Coherence.Mark mark;
    private volatile @Nullable Thread leader;
    private final boolean beside;
    private final CompletableFuture<Landing<V>> landing = new CompletableFuture<>();

    Flight(Coherence.Mark mark) {
        this(mark, false);
    }

    /** {@code beside}: it brings what is to replace a value that still counts. */
    Flight(Coherence.Mark mark, boolean beside) {
        this.mark = mark;
        this.beside = beside;
    }

    /** How a flight ended: with a value or none, with an error, or abandoned: then who waited tries again. */
    record Landing<V>(@Nullable V value, @Nullable Throwable error, boolean abandoned) {}

    /** Before user code runs: it must not wait for this flight. */
    Flight<V> lead() {
        leader = Thread.currentThread();
        return this;
    }

    boolean beside() {
        return beside;
    }

    boolean ledByThisThread() {
        return leader == Thread.currentThread();
    }

    void land(@Nullable V value) {
        landing.complete(new Landing<>(value, null, false));
    }

    void fail(Throwable error) {
        landing.complete(new Landing<>(null, error, false));
    }

    /** Does nothing to a flight that has landed. */
    void abandon() {
        landing.complete(new Landing<>(null, null, true));
    }

    /** Null if time ran out. */
    @Nullable
    Landing<V> await(long nanos) throws InterruptedException {
        try {
            return landing.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // it is never completed exceptionally
        }
    }

    /** A future of its own for one who waits without a thread. */
    CompletableFuture<Landing<V>> landing() {
        return landing.copy();
    }
}
