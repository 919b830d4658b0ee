// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import io.github.pentalith.metrics.Registration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** Skeleton. */
public final class HealthRegistry implements AutoCloseable {
    private HealthRegistry() {}

    /**
     * A registry.
     *
     * @param name its name
     * @return a registry
     */
    public static HealthRegistry of(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * A registry.
     *
     * @param name its name
     * @return a builder
     */
    public static Builder builder(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds a check.
     *
     * @param check the check
     * @return what removes it
     */
    public Registration register(HealthCheck check) {
        throw new UnsupportedOperationException();
    }

    /** {@return all checks} */
    public HealthReport report() {
        throw new UnsupportedOperationException();
    }

    /**
     * One group.
     *
     * @param group which
     * @return its checks
     */
    public HealthReport report(HealthCheck.Group group) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Builder. */
    public static final class Builder {
        Builder() {}

        /**
         * Runs the checks.
         *
         * @param executor the executor
         * @return this builder
         */
        public Builder executor(Executor executor) {
            throw new UnsupportedOperationException();
        }

        /**
         * Waits.
         *
         * @param scheduler the scheduler
         * @return this builder
         */
        public Builder scheduler(ScheduledExecutorService scheduler) {
            throw new UnsupportedOperationException();
        }

        /**
         * Ticker.
         *
         * @param nanos monotonic clock
         * @return this builder
         */
        public Builder ticker(LongSupplier nanos) {
            throw new UnsupportedOperationException();
        }

        /**
         * Clock.
         *
         * @param wall wall clock
         * @return this builder
         */
        public Builder clock(InstantSource wall) {
            throw new UnsupportedOperationException();
        }

        /** {@return the registry} */
        public HealthRegistry build() {
            throw new UnsupportedOperationException();
        }
    }
}
