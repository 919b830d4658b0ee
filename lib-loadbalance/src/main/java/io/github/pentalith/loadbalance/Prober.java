// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.IdentityHashMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Asks endpoints how they are, each in a rhythm of its own, and writes the verdicts to their nodes. */
final class Prober {
    private final HealthProbe probe;
    private final Executor executor;
    private final ScheduledExecutorService scheduler;
    private final LongSupplier ticker;
    private final Draw draw;
    private final Runnable changed;
    private final @Nullable ProbeWire wire;
    private final IdentityHashMap<Node<?>, Checkup> checkups = new IdentityHashMap<>(); // guarded by the fleet's lock
    private final long interval;
    private final long fast;
    private final long timeout;

    Prober(
            HealthProbe probe,
            Executor executor,
            ScheduledExecutorService scheduler,
            LongSupplier ticker,
            Draw draw,
            Runnable changed) {
        this.probe = probe;
        this.executor = executor;
        this.scheduler = scheduler;
        this.ticker = ticker;
        this.draw = draw;
        this.changed = changed;
        this.wire = probe.check == null ? ProbeWire.start() : null;
        this.interval = Require.nanos(probe.interval);
        this.fast = Math.min(interval, Require.nanos(probe.fast()));
        this.timeout = Require.nanos(probe.timeout);
    }

    void watch(Node<?> node) {
        Checkup checkup = new Checkup(node);
        checkups.put(node, checkup);
        checkup.after((long) (fast * draw.share()));
    }

    void unwatch(Node<?> node) {
        Checkup checkup = checkups.remove(node);
        if (checkup != null) {
            checkup.stop();
        }
    }

    void close() {
        checkups.values().forEach(Checkup::stop);
        checkups.clear();
        if (wire != null) {
            wire.close();
        }
    }

    /** The checks of one node, one at a time; the fields are handed from check to check by the scheduler. */
    final class Checkup implements Runnable {
        private final Node<?> node;
        private volatile boolean stopped;
        private volatile @Nullable Future<?> next;
        private int good; // in a row
        private int bad;

        Checkup(Node<?> node) {
            this.node = node;
        }

        void after(long delay) {
            try {
                next = scheduler.schedule(this, delay, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                stopped = true; // the scheduler was shut down: no time, no checks
            }
        }

        void stop() {
            stopped = true;
            Future<?> waiting = next;
            if (waiting != null) {
                waiting.cancel(false);
            }
        }

        @Override
        public void run() {
            if (!stopped) {
                new Attempt(this, ticker.getAsLong()).start();
            }
        }

        void verdict(long began, boolean healthy, String why) {
            if (stopped) {
                return;
            }
            good = healthy ? good + 1 : 0;
            bad = healthy ? 0 : bad + 1;
            Node.Probe before = node.probe();
            boolean first = before == Node.Probe.PENDING;
            if (healthy && before != Node.Probe.HEALTHY && (first || good >= probe.rise)) {
                node.probe(Node.Probe.HEALTHY, why);
                changed.run();
            } else if (!healthy && before != Node.Probe.SICK && (first || bad >= probe.fall)) {
                node.probe(Node.Probe.SICK, why);
                changed.run();
            }
            boolean open = node.probe() == Node.Probe.HEALTHY ? bad > 0 : good > 0;
            double jittered = (open ? fast : interval) * (1 + probe.jitter * (draw.share() - 0.5));
            after(Math.max(0, (long) jittered - (ticker.getAsLong() - began)));
        }
    }

    /** One check. The first of answer, failure and timeout counts. */
    final class Attempt implements Runnable, ProbeWire.Result {
        private final Checkup checkup;
        private final long began;
        private final AtomicBoolean decided = new AtomicBoolean();
        private volatile boolean over;
        private volatile @Nullable Future<?> bell;
        private volatile @Nullable Runnable abort;

        Attempt(Checkup checkup, long began) {
            this.checkup = checkup;
            this.began = began;
        }

        void start() {
            bell = scheduler.schedule(this, timeout, TimeUnit.NANOSECONDS);
            Endpoint endpoint = checkup.node.endpoint();
            if (wire != null) {
                abort = wire.check(endpoint.host(), probe.port == 0 ? endpoint.port() : probe.port, probe.path, this);
            } else {
                executor.execute(() -> ask(endpoint));
            }
        }

        private void ask(Endpoint endpoint) {
            try {
                CompletionStage<Boolean> stage = checkOf(probe).apply(endpoint);
                if (stage instanceof Future<?> future) {
                    abort = () -> future.cancel(true);
                }
                var unused = stage.whenComplete((healthy, error) -> {
                    boolean fine = error == null && Boolean.TRUE.equals(healthy);
                    decide(fine, fine ? "good" : error == null ? "answered: not well" : String.valueOf(error));
                    over();
                });
            } catch (RuntimeException e) {
                decide(false, String.valueOf(e));
                over();
            }
        }

        @Override
        public void run() {
            decide(false, "no answer within " + probe.timeout);
            Runnable stop = abort;
            if (stop != null) {
                stop.run();
            }
        }

        @Override
        public void decide(boolean healthy, String why) {
            if (decided.compareAndSet(false, true)) {
                checkup.verdict(began, healthy, why);
            }
        }

        @Override
        public void over() {
            over = true;
            Future<?> waiting = bell;
            if (waiting != null && !waiting.isDone()) {
                waiting.cancel(false);
            }
        }

        @Override
        public String toString() {
            return "check of " + checkup.node + (over ? ", over" : "");
        }
    }

    private static java.util.function.Function<? super Endpoint, ? extends CompletionStage<Boolean>> checkOf(
            HealthProbe probe) {
        if (probe.check == null) {
            throw new AssertionError("no check");
        }
        return probe.check;
    }
}
