// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The state of several checks at one time.
 *
 * @param status the worst that counts
 * @param checks each check
 * @param at when the report was made
 */
public record HealthReport(Health.Status status, List<Check> checks, Instant at) {
    /**
     * One check.
     *
     * @param name its name
     * @param group its group
     * @param critical whether the group goes down with it
     * @param health what it found
     * @param age how old that is
     * @param duration how long it took to find
     */
    public record Check(
            String name, HealthCheck.Group group, boolean critical, Health health, Duration age, Duration duration) {}

    /** {@return 200, or 503 if the status is down} */
    public int httpStatus() {
        throw new UnsupportedOperationException();
    }

    /** {@return JSON as Spring Actuator writes it} */
    public String toJson() {
        throw new UnsupportedOperationException();
    }
}
