// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Points in the life of a call at which a test lets one call wait: {@code "a before fill"}, {@code "b after fetch"},
 * {@code "a before changed users:{k}"}. A real store stands behind; each stop holds the first call that comes and no
 * other.
 */
final class Stops {
    private final Map<String, Stop> armed = new ConcurrentHashMap<>();
    private final List<Stop> all = new ArrayList<>(); // guarded by itself
    private final Map<String, AtomicLong> passed = new ConcurrentHashMap<>();

    /** A point that was armed. */
    static final class Stop {
        private final String point;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Stop(String point) {
            this.point = point;
        }

        void awaitReached() throws InterruptedException {
            if (!reached.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody came to: " + point);
            }
        }

        boolean isReached() {
            return reached.getCount() == 0;
        }

        void release() {
            released.countDown();
        }
    }

    Stop at(String point) {
        Stop stop = new Stop(point);
        synchronized (all) {
            all.add(stop);
        }
        armed.put(point, stop);
        return stop;
    }

    /** Lets everybody go, at the end of a test that perhaps failed. */
    void releaseAll() {
        armed.clear();
        synchronized (all) {
            all.forEach(Stop::release);
        }
    }

    /** How many calls came by a point. */
    long passed(String point) {
        AtomicLong count = passed.get(point);
        return count == null ? 0 : count.get();
    }

    void pass(String point) {
        passed.computeIfAbsent(point, any -> new AtomicLong()).incrementAndGet();
        Stop stop = armed.remove(point);
        if (stop != null) {
            stop.reached.countDown();
            try {
                if (!stop.released.await(60, TimeUnit.SECONDS)) {
                    throw new AssertionError("nobody released: " + point);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    RemoteStore in(String node, RemoteStore store) {
        return stopping(RemoteStore.class, node, store);
    }

    /** Every method by its name, so that stops do not depend on which methods the SPI has. */
    private <T> T stopping(Class<T> type, String node, T target) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (arguments != null) {
                        for (int i = 0; i < arguments.length; i++) {
                            if (arguments[i] instanceof RemoteStore.Feed feed) {
                                arguments[i] = stopping(RemoteStore.Feed.class, node, feed);
                            }
                        }
                    }
                    String call = method.getName();
                    if (call.equals("changed")) { // others come as they like
                        call += " " + new String((byte[]) arguments[0], StandardCharsets.UTF_8);
                    }
                    try {
                        pass(node + " before " + call);
                        Object result = method.invoke(target, arguments);
                        pass(node + " after " + call);
                        return result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return type.cast(proxy);
    }
}
