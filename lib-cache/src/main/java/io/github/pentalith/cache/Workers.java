// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs refreshes and asynchronous calls: on the user's executor, or on threads that exist while there is work. */
final class Workers implements Executor, AutoCloseable {
    private static final long IDLE_SECONDS = 5;
    private static final long CLOSING_MILLIS = 1_000;

    private final @Nullable Executor given;
    private final int threads;
    private final ReentrantLock starting = new ReentrantLock();
    private volatile @Nullable ThreadPoolExecutor own;
    private boolean closed; // guarded by starting

    Workers(@Nullable Executor given, int threads) {
        this.given = given;
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        (given == null ? own() : given).execute(task);
    }

    private ThreadPoolExecutor own() {
        ThreadPoolExecutor running = own;
        return running == null ? started() : running;
    }

    private ThreadPoolExecutor started() {
        starting.lock();
        try {
            if (closed) {
                throw new RejectedExecutionException("the cache is closed");
            }
            ThreadPoolExecutor pool = own;
            if (pool == null) {
                pool = new ThreadPoolExecutor(
                        threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                            Thread thread = new Thread(task, "pentalith-cache-worker");
                            thread.setDaemon(true);
                            return thread;
                        });
                pool.allowCoreThreadTimeOut(true);
                own = pool;
            }
            return pool;
        } finally {
            starting.unlock();
        }
    }

    /** Waits a moment for what runs; it ends on its own if it takes longer. */
    @Override
    public void close() {
        starting.lock();
        try {
            closed = true;
        } finally {
            starting.unlock();
        }
        ThreadPoolExecutor pool = own;
        if (pool != null) {
            pool.shutdown();
            try {
                boolean unused = pool.awaitTermination(CLOSING_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
