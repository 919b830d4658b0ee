// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/** Skeleton. */
public final class Counter {
    private Counter() {}

    /** Adds one. */
    public void inc() {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds a number.
     *
     * @param amount how many
     */
    public void add(long amount) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes over a total counted elsewhere.
     *
     * @param total the total
     */
    public void observe(long total) {
        throw new UnsupportedOperationException();
    }

    /** {@return the total} */
    public long value() {
        throw new UnsupportedOperationException();
    }

    /** Builder. */
    public static final class Builder {
        Builder() {}

        /**
         * Unit.
         *
         * @param unit the unit
         * @return this builder
         */
        public Builder unit(Unit unit) {
            throw new UnsupportedOperationException();
        }

        /** {@return this builder, for a counter that counts nanoseconds and is exposed in seconds} */
        public Builder nanoseconds() {
            throw new UnsupportedOperationException();
        }

        /** {@return the counter} */
        public Counter register() {
            throw new UnsupportedOperationException();
        }

        /**
         * Family.
         *
         * @param names the label names
         * @return the family
         */
        public Family<Counter> labels(String... names) {
            throw new UnsupportedOperationException();
        }
    }
}
