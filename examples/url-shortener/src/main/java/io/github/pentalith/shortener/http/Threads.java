// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Names threads, so that a thread dump can be read. */
public final class Threads {
    private Threads() {}

    /** {@return daemon threads named {@code shortener-<name>-1} and so on} */
    public static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, "shortener-" + name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
