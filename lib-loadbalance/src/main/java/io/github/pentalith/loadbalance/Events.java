// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the observer, and contains what the observer throws. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(LoadBalancer.class);

    private final String name;
    private final LoadBalancer.@Nullable Observer observer;
    private final AtomicBoolean complained = new AtomicBoolean();

    Events(String name, LoadBalancer.@Nullable Observer observer) {
        this.name = name;
        this.observer = observer;
    }

    boolean observed() {
        return observer != null;
    }

    void completed(String endpoint, Outcome outcome, long nanos) {
        if (observer != null) {
            try {
                observer.onComplete(name, endpoint, outcome, nanos);
            } catch (RuntimeException | Error e) {
                contain(e);
            }
        }
    }

    void refused(NoEndpointException.Reason reason) {
        if (observer != null) {
            try {
                observer.onRefused(name, reason);
            } catch (RuntimeException | Error e) {
                contain(e);
            }
        }
    }

    void state(String endpoint, LoadBalancer.State state, String why) {
        switch (state) {
            case UNHEALTHY, EJECTED -> LOG.warn("{}: endpoint {} is {}: {}", name, endpoint, state, why);
            default -> LOG.info("{}: endpoint {} is {}: {}", name, endpoint, state, why);
        }
        if (observer != null) {
            try {
                observer.onState(name, endpoint, state, why);
            } catch (RuntimeException | Error e) {
                contain(e);
            }
        }
    }

    void panic(boolean panic, int ready, int of) {
        if (panic) {
            LOG.warn("{}: panic, only {} of {} endpoints are ready: using all", name, ready, of);
        } else {
            LOG.info("{}: panic is over, {} of {} endpoints are ready", name, ready, of);
        }
        if (observer != null) {
            try {
                observer.onPanic(name, panic);
            } catch (RuntimeException | Error e) {
                contain(e);
            }
        }
    }

    void reclaimed(String endpoint, long nanos) {
        LOG.warn("{}: took back an abandoned lease on {}, held for {} ms", name, endpoint, nanos / 1_000_000);
        if (observer != null) {
            try {
                observer.onReclaimed(name, endpoint, nanos);
            } catch (RuntimeException | Error e) {
                contain(e);
            }
        }
    }

    void failed(String what, Throwable error) {
        LOG.warn("{}: {}", name, what, error);
    }

    private void contain(Throwable error) {
        if (complained.compareAndSet(false, true)) {
            LOG.warn("{}: the observer throws; this is logged once", name, error);
        }
    }
}
