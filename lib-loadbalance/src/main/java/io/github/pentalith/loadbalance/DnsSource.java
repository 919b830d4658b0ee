// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The addresses of a name, looked up on a thread of each subscription, as look-ups block. */
final class DnsSource implements EndpointSource {
    private static final Logger LOG = LoggerFactory.getLogger(DnsSource.class);
    private static final double JITTER = 0.2;

    /** Asks for a name. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private final String host;
    private final int port;
    private final Duration interval;
    private final long nanos;
    private final Resolver resolver;

    DnsSource(String host, int port, Duration interval, Resolver resolver) {
        this.host = requireNonNull(host, "host");
        this.port = Endpoint.of("any", port).port(); // checked
        this.nanos = Require.positiveNanos("interval", interval);
        this.interval = interval;
        this.resolver = resolver;
    }

    @Override
    public Subscription subscribe(Listener listener) {
        Lookups lookups = new Lookups(listener);
        lookups.look();
        return lookups.start();
    }

    private final class Lookups {
        private final EndpointHolder found = EndpointHolder.of(host);
        private final Listener listener;
        private final AtomicBoolean failing = new AtomicBoolean();
        private final AtomicBoolean known = new AtomicBoolean();
        private volatile boolean closed;

        Lookups(Listener listener) {
            this.listener = requireNonNull(listener, "listener");
        }

        Subscription start() {
            ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, work -> {
                Thread thread = new Thread(work, "pentalith-loadbalance-dns");
                thread.setDaemon(true);
                return thread;
            });
            again(timer);
            return () -> {
                closed = true;
                timer.shutdownNow();
            };
        }

        private void again(ScheduledThreadPoolExecutor timer) {
            double varied = nanos * (1 + JITTER * (ThreadLocalRandom.current().nextDouble() - 0.5));
            if (!closed) {
                try {
                    var unused = timer.schedule(() -> turn(timer), (long) varied, TimeUnit.NANOSECONDS);
                } catch (java.util.concurrent.RejectedExecutionException e) {
                    LOG.debug("{}: no more look-ups", host); // closed meanwhile
                }
            }
        }

        private void turn(ScheduledThreadPoolExecutor timer) {
            try {
                look();
            } catch (RuntimeException e) { // of the listener: the look-ups go on
                LOG.warn("{}: the listener throws", host, e);
            }
            again(timer);
        }

        void look() {
            InetAddress[] addresses;
            try {
                addresses = resolver.resolve(host);
            } catch (UnknownHostException | RuntimeException e) {
                failed(String.valueOf(e));
                return;
            }
            if (addresses.length == 0) {
                failed("the answer is empty");
                return;
            }
            failing.set(false);
            Map<String, Endpoint> endpoints = new LinkedHashMap<>(); // an answer may name an address twice
            for (InetAddress address : addresses) {
                Endpoint endpoint = Endpoint.of(address.getHostAddress(), port);
                endpoints.put(endpoint.id(), endpoint);
            }
            EndpointSet before = found.current();
            EndpointSet after = found.update(set -> set.withAll(endpoints.values()));
            if (!closed && (known.compareAndSet(false, true) || after.epoch() > before.epoch())) {
                listener.onEndpoints(after);
            }
        }

        private void failed(String why) {
            if (failing.compareAndSet(false, true)) {
                LOG.warn(
                        "{}: look-up failed, {} endpoints stay: {}",
                        host,
                        found.current().size(),
                        why);
            }
        }
    }

    @Override
    public String toString() {
        return "EndpointSource.dns(" + host + ", " + port + ", " + interval + ")";
    }
}
