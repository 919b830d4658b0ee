// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all views of a registry share: families by name, hooks, windows and the clock that moves them. */
final class Catalog {
    static final double DEFAULT_ERROR = 0.0055;
    private static final Logger log = LoggerFactory.getLogger(MetricRegistry.class);

    final int cardinalityLimit;
    final LongSupplier ticker;
    final StripeChoice stripeChoice = new StripeChoice();
    final LongAdder rejectedSamples = new LongAdder();
    final LongAdder overflowedLookups = new LongAdder();
    private final LongAdder failedHooks = new LongAdder();
    private final TimeSource time;
    private final Duration tick;

    private final ReentrantLock lock = new ReentrantLock(); // for changes of the following
    private final Map<String, Family<?>> byName = new LinkedHashMap<>();
    private @Nullable Registration ticking;
    private boolean closed;

    private volatile List<Family<?>> families = List.of(); // those of byName, in order of registration
    private final CopyOnWriteArrayList<Hook> hooks = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<SlidingWindow> windows = new CopyOnWriteArrayList<>();

    /** One scrape's updates at a time, so that totals taken over from elsewhere arrive in the order they were read. */
    private final ReentrantLock collecting = new ReentrantLock();

    private static final class Hook {
        final Runnable update;
        boolean failing; // guarded by collecting

        Hook(Runnable update) {
            this.update = update;
        }
    }

    Catalog(int cardinalityLimit, Duration tick, TimeSource time) {
        this.cardinalityLimit = cardinalityLimit;
        this.tick = tick;
        this.time = time;
        this.ticker = time.ticker();
    }

    long nanos() {
        return ticker.getAsLong();
    }

    Instant now() {
        return time.clock().instant();
    }

    /** The family that was registered under this name, which must have the same description, or else this one. */
    @SuppressWarnings("unchecked") // sameAs compares the type of the metrics
    <M> Family<M> family(Family<M> wanted) {
        lock.lock();
        try {
            Family<?> present = byName.get(wanted.name);
            if (present == null) {
                add(wanted);
                return wanted;
            }
            if (!present.sameAs(wanted)) {
                throw taken(wanted, present);
            }
            return (Family<M>) present;
        } finally {
            lock.unlock();
        }
    }

    void addFresh(Family<?> wanted) {
        lock.lock();
        try {
            Family<?> present = byName.get(wanted.name);
            if (present != null) {
                throw taken(wanted, present);
            }
            add(wanted);
        } finally {
            lock.unlock();
        }
    }

    private void add(Family<?> wanted) {
        byName.put(wanted.name, wanted);
        families = List.copyOf(byName.values());
    }

    private static IllegalArgumentException taken(Family<?> wanted, Family<?> present) {
        return new IllegalArgumentException("name must be free or described as before: name=" + wanted.name
                + " (expected: another name than " + wanted + ", or exactly " + present
                + " with its unit, accuracy, buckets and window; a function needs a name of its own)");
    }

    void remove(Family<?> family) {
        lock.lock();
        try {
            if (byName.remove(family.name, family)) {
                families = List.copyOf(byName.values());
            }
        } finally {
            lock.unlock();
        }
    }

    Registration onCollect(Runnable update) {
        Hook hook = new Hook(update);
        hooks.add(hook);
        return () -> hooks.remove(hook);
    }

    void onTick(SlidingWindow window) {
        windows.add(window);
        lock.lock();
        try {
            if (ticking == null && !closed) {
                ticking = time.every(tick, "pentalith-metrics-ticker", this::tick);
            }
        } finally {
            lock.unlock();
        }
    }

    void removeTick(SlidingWindow window) {
        windows.remove(window);
    }

    private void tick() {
        for (SlidingWindow window : windows) {
            window.tick();
        }
    }

    void collect(MetricRegistry.Collector to) {
        if (collecting.isHeldByCurrentThread()) {
            throw new IllegalStateException("a hook must not collect the registry that runs it");
        }
        collecting.lock();
        try {
            for (Hook hook : hooks) {
                run(hook);
            }
        } finally {
            collecting.unlock();
        }
        List<Family<?>> all = families;
        int longest = 0;
        for (int i = 0; i < all.size(); i++) {
            longest = Math.max(longest, all.get(i).ladderLength());
        }
        long[] scratch = new long[longest + 1];
        for (int i = 0; i < all.size(); i++) {
            all.get(i).collect(to, scratch);
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a hook throws must not stop the scrape of everything else
    private void run(Hook hook) {
        try {
            hook.update.run();
            hook.failing = false;
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            failedHooks.increment();
            if (!hook.failing) {
                hook.failing = true;
                log.warn("A hook of the metric registry fails; its metrics are out of date: {}", hook.update, e);
            }
        }
    }

    void functionFailed() {
        failedHooks.increment();
    }

    void overflows(String family) {
        log.warn(
                "Metric {} has reached the limit of {} label sets; what is new is counted under \"{}\"",
                family,
                cardinalityLimit,
                Family.OVERFLOW);
    }

    MetricRegistry.Stats stats(String name) {
        int series = 0;
        List<Family<?>> all = families;
        for (Family<?> family : all) {
            series += family.size();
        }
        return new MetricRegistry.Stats(
                name, all.size(), series, rejectedSamples.sum(), overflowedLookups.sum(), failedHooks.sum());
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            if (ticking != null) {
                ticking.close();
            }
        } finally {
            lock.unlock();
        }
    }

    static long saturatedNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
