// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a check found: a status and details for whoever reads the report. Immutable.
 *
 * @param status the verdict
 * @param details names and values in the order in which they were added
 */
public record Health(Status status, Map<String, Object> details) {
    /** How fit something is, from best to worst. */
    public enum Status {
        /** Works. */
        UP,
        /** Works, but worse than it should. */
        DEGRADED,
        /** Nobody knows (yet). */
        UNKNOWN,
        /** Does not work. */
        DOWN
    }

    /**
     * Makes a result.
     *
     * @param status the verdict
     * @param details names and values
     */
    public Health {
        Objects.requireNonNull(status, "status");
        details = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(details));
    }

    /** {@return "works"} */
    public static Health up() {
        return new Health(Status.UP, Map.of());
    }

    /**
     * Works, but worse than it should.
     *
     * @param reason what is wrong
     * @return the result
     */
    public static Health degraded(String reason) {
        return new Health(Status.DEGRADED, Map.of("reason", reason));
    }

    /**
     * Nobody knows.
     *
     * @param reason why
     * @return the result
     */
    public static Health unknown(String reason) {
        return new Health(Status.UNKNOWN, Map.of("reason", reason));
    }

    /**
     * Does not work.
     *
     * @param reason what is wrong
     * @return the result
     */
    public static Health down(String reason) {
        return new Health(Status.DOWN, Map.of("reason", reason));
    }

    /**
     * Adds a detail.
     *
     * @param name its name
     * @param value its value: a string, number or boolean; anything else is shown by its {@code toString()}
     * @return the result with this detail
     */
    public Health with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(details);
        more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return new Health(status, more);
    }
}
