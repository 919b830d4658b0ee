// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.dashboard;

import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.NoEndpointException;
import io.github.pentalith.loadbalance.Outcome;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** What happened to nodes last, and why: changes of their state and of their number. Thread-safe. */
public final class Events {
    private static final int KEPT = 12;

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Map<String, Object>> last = new ArrayDeque<>(); // guarded by lock, the newest first

    /** None so far. */
    public Events(InstantSource clock) {
        this.clock = clock;
    }

    /** Something happened. */
    public void add(String what, String why) {
        Map<String, Object> event = Map.of("time", clock.millis(), "what", what, "why", why);
        lock.lock();
        try {
            last.addFirst(event);
            if (last.size() > KEPT) {
                last.removeLast();
            }
        } finally {
            lock.unlock();
        }
    }

    /** {@return the last ones, the newest first} */
    public List<Map<String, Object>> list() {
        lock.lock();
        try {
            return new ArrayList<>(last);
        } finally {
            lock.unlock();
        }
    }

    /** {@return an observer that tells of each change of a state here, and of all to that other one} */
    public LoadBalancer.Observer and(LoadBalancer.Observer other) {
        return new LoadBalancer.Observer() {
            @Override
            public void onState(String balancer, String endpoint, LoadBalancer.State state, String why) {
                add(endpoint + " " + state.name().toLowerCase(Locale.ROOT), why);
                other.onState(balancer, endpoint, state, why);
            }

            @Override
            public void onPanic(String balancer, boolean panic) {
                add(panic ? "panic" : "panic is over", panic ? "no node seems well, so all are tried" : "");
                other.onPanic(balancer, panic);
            }

            @Override
            public void onComplete(String balancer, String endpoint, Outcome outcome, long nanos) {
                other.onComplete(balancer, endpoint, outcome, nanos);
            }

            @Override
            public void onRefused(String balancer, NoEndpointException.Reason reason) {
                other.onRefused(balancer, reason);
            }

            @Override
            public void onReclaimed(String balancer, String endpoint, long nanos) {
                other.onReclaimed(balancer, endpoint, nanos);
            }
        };
    }
}
