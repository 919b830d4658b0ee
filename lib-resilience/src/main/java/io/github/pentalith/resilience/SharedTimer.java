// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that wakes asynchronous calls of pipelines without a scheduler of their own. It starts at the first need,
 * ends after ten idle seconds and runs nothing but hand-overs to executors. The only static state of the house.
 */
final class SharedTimer {
    private static final ScheduledThreadPoolExecutor TIMER = make();

    private SharedTimer() {}

    static ScheduledExecutorService get() {
        return TIMER;
    }

    private static ScheduledThreadPoolExecutor make() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "pentalith-resilience-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }
}
