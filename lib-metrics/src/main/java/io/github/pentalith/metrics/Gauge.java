// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.util.function.DoubleSupplier;

/** Skeleton. */
public final class Gauge {
    private Gauge() {}

    /**
     * Sets.
     *
     * @param value the value
     */
    public void set(double value) {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds.
     *
     * @param amount how much
     */
    public void add(double amount) {
        throw new UnsupportedOperationException();
    }

    /** {@return the value} */
    public double value() {
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

        /** {@return the gauge} */
        public Gauge register() {
            throw new UnsupportedOperationException();
        }

        /**
         * Registers a function.
         *
         * @param value the function
         * @return what removes it
         */
        public Registration register(DoubleSupplier value) {
            throw new UnsupportedOperationException();
        }

        /**
         * Family.
         *
         * @param names the label names
         * @return the family
         */
        public Family<Gauge> labels(String... names) {
            throw new UnsupportedOperationException();
        }
    }
}
