// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Collects what many callers want and does it together: one task at a time takes all that waits. */
final class Combiner<T> {
    private static final int MOST_AT_ONCE = 256;

    private final Executor executor;
    private final Consumer<List<T>> work;
    private final Queue<T> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** {@code work} does not throw. */
    Combiner(Executor executor, Consumer<List<T>> work) {
        this.executor = executor;
        this.work = work;
    }

    /**
     * @throws java.util.concurrent.RejectedExecutionException if the executor refuses; then what waits waits for the next
     *     call
     */
    void add(T item) {
        waiting.add(item);
        if (count.getAndIncrement() == 0) {
            start();
        }
    }

    private void start() {
        try {
            executor.execute(this::drain);
        } catch (RuntimeException e) {
            count.set(0);
            throw e;
        }
    }

    private void drain() {
        List<T> batch = new ArrayList<>();
        T next;
        while (batch.size() < MOST_AT_ONCE && (next = waiting.poll()) != null) {
            batch.add(next);
        }
        work.accept(batch);
        if (count.addAndGet(-batch.size()) > 0) {
            start();
        }
    }
}
