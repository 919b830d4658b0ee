// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The state of several checks at one time. Immutable.
 *
 * <p>The status is the worst of the critical checks; one that is not critical makes it at worst degraded.
 *
 * @param status the verdict on all
 * @param checks each check, in the order of registration
 * @param at when the report was made
 */
public record HealthReport(Health.Status status, List<Check> checks, Instant at) {
    /**
     * Makes a report.
     *
     * @param status the verdict on all
     * @param checks each check
     * @param at when the report was made
     */
    public HealthReport {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(at, "at");
        checks = List.copyOf(checks);
    }

    /**
     * One check.
     *
     * @param name its name
     * @param group its group
     * @param critical whether the group goes down with it
     * @param health what it found; short of its failure threshold a check keeps its status and says so in details
     * @param ageNanos how old that is, in nanoseconds
     * @param durationNanos how long it took to find, in nanoseconds
     */
    public record Check(
            String name, HealthCheck.Group group, boolean critical, Health health, long ageNanos, long durationNanos) {
        /** {@return how old the answer is} */
        public Duration age() {
            return Duration.ofNanos(ageNanos);
        }

        /** {@return how long it took to find} */
        public Duration duration() {
            return Duration.ofNanos(durationNanos);
        }
    }

    static HealthReport of(List<Check> checks, Instant at) {
        Health.Status worst = Health.Status.UP;
        for (Check check : checks) {
            Health.Status status = check.health().status();
            if (!check.critical() && status != Health.Status.UP) {
                status = Health.Status.DEGRADED;
            }
            if (status.compareTo(worst) > 0) {
                worst = status;
            }
        }
        return new HealthReport(worst, checks, at);
    }

    /** {@return 503 if the status is down, else 200} */
    public int httpStatus() {
        return status == Health.Status.DOWN ? 503 : 200;
    }

    /** {@return JSON in the shape of Spring Boot's actuator: a status, and components with status and details} */
    public String toJson() {
        StringBuilder json = new StringBuilder("{\"status\":\"").append(status).append("\",\"components\":{");
        for (int i = 0; i < checks.size(); i++) {
            Check check = checks.get(i);
            json.append(i == 0 ? "" : ",");
            text(json, check.name());
            json.append(":{\"status\":\"").append(check.health().status()).append('"');
            if (!check.health().details().isEmpty()) {
                json.append(",\"details\":{");
                String comma = "";
                for (Map.Entry<String, Object> detail : check.health().details().entrySet()) {
                    json.append(comma);
                    text(json, detail.getKey());
                    json.append(':');
                    value(json, detail.getValue());
                    comma = ",";
                }
                json.append('}');
            }
            json.append('}');
        }
        return json.append("}}").toString();
    }

    private static void value(StringBuilder json, Object value) {
        boolean plain = value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || (value instanceof Double number && Double.isFinite(number));
        if (plain) {
            json.append(value);
        } else {
            text(json, String.valueOf(value));
        }
    }

    private static void text(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20 || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
                        json.append(String.format("\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
