// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Collects what many callers want and does it together: one task at a time takes all that waits. */
final class Combiner<T> {
    private static final int MOST_AT_ONCE = 256;

    private final Executor executor;
    private final Consumer<List<T>> work;
    private final BiConsumer<List<T>, RuntimeException> refused;
    private final Queue<T> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger(); // of those that were added and not yet taken

    /** {@code work} does not throw; {@code refused} is told of what the executor would not run. */
    Combiner(Executor executor, Consumer<List<T>> work, BiConsumer<List<T>, RuntimeException> refused) {
        this.executor = executor;
        this.work = work;
        this.refused = refused;
    }

    void add(T item) {
        waiting.add(item);
        if (count.getAndIncrement() == 0) {
            start();
        }
    }

    private void start() {
        try {
            executor.execute(() -> {
                if (took(work)) {
                    start();
                }
            });
        } catch (RuntimeException e) {
            boolean more = true;
            while (more) {
                more = took(batch -> refused.accept(batch, e));
            }
        }
    }

    /** Takes a batch; whether there is more. */
    private boolean took(Consumer<List<T>> use) {
        List<T> batch = new ArrayList<>();
        T next;
        while (batch.size() < MOST_AT_ONCE && (next = waiting.poll()) != null) {
            batch.add(next);
        }
        use.accept(batch);
        return count.addAndGet(-batch.size()) > 0;
    }
}
