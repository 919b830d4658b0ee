// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/**
 * The unit of a metric: one base unit per quantity, as Prometheus and OpenMetrics ask for, so that no dashboard ever
 * mixes milliseconds with seconds. The unit becomes the last part of the metric's name.
 */
public enum Unit {
    /** A plain number; adds nothing to the name. */
    NONE(""),
    /** Time in seconds. */
    SECONDS("seconds"),
    /** Amounts of data in bytes. */
    BYTES("bytes"),
    /** Shares from 0 to 1; never percent. */
    RATIO("ratio"),
    /** Temperature in degrees Celsius. */
    CELSIUS("celsius"),
    /** Lengths in metres. */
    METERS("meters"),
    /** Voltage in volts. */
    VOLTS("volts"),
    /** Current in amperes. */
    AMPERES("amperes"),
    /** Energy in joules. */
    JOULES("joules"),
    /** Mass in grams. */
    GRAMS("grams");

    private final String suffix;

    Unit(String suffix) {
        this.suffix = suffix;
    }

    /** {@return the word that ends a metric's name, such as {@code seconds}; empty for {@link #NONE}} */
    public String suffix() {
        return suffix;
    }
}
