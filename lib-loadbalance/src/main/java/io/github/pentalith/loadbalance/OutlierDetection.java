// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * When an endpoint whose calls fail is left out for a while. An immutable value.
 *
 * <p>Three rules, any of which ejects: so many failures <b>in a row</b> (judged at each verdict); a <b>success rate</b>
 * far below the fleet's (mean - factor x standard deviation); a <b>share of failures</b> above a limit. The last two are
 * judged once per interval, over that interval's calls, for endpoints with enough of them. Server errors, local errors and
 * timeouts are failures; overloaded and cancelled calls count neither way.
 *
 * <p>An ejection lasts {@code baseEjection} times the number of recent ejections of that endpoint, at most
 * {@code maxEjection}; each interval without one takes one off that number. Never more than {@code maxEjected} of the
 * endpoints that are not drained are ejected at once, rounded down, so of two endpoints one at 0.5 and none at 0.4.
 *
 * <p>Names and meaning are Envoy's and gRPC's (gRFC A50), except that their "at least one" is not taken over, as it breaks
 * the limit.
 */
public final class OutlierDetection {
    static final int MINIMUM_HOSTS = 5; // for a standard deviation that says anything
    private static final OutlierDetection DEFAULTS = new OutlierDetection(new Draft());

    final int consecutiveFailures;
    final double successRateFactor;
    final double failureShare;
    final Duration interval;
    final Duration baseEjection;
    final Duration maxEjection;
    final double maxEjected;
    final int minimumCalls;

    /** Settings that a wither may still change. */
    private static final class Draft {
        int consecutiveFailures = 5;
        double successRateFactor = 1.9;
        double failureShare = 1;
        Duration interval = Duration.ofSeconds(10);
        Duration baseEjection = Duration.ofSeconds(30);
        Duration maxEjection = Duration.ofMinutes(5);
        double maxEjected = 0.5;
        int minimumCalls = 100;
    }

    private OutlierDetection(Draft draft) {
        this.consecutiveFailures = draft.consecutiveFailures;
        this.successRateFactor = draft.successRateFactor;
        this.failureShare = draft.failureShare;
        this.interval = draft.interval;
        this.baseEjection = draft.baseEjection;
        this.maxEjection = draft.maxEjection;
        this.maxEjected = draft.maxEjected;
        this.minimumCalls = draft.minimumCalls;
    }

    private OutlierDetection with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.consecutiveFailures = consecutiveFailures;
        draft.successRateFactor = successRateFactor;
        draft.failureShare = failureShare;
        draft.interval = interval;
        draft.baseEjection = baseEjection;
        draft.maxEjection = maxEjection;
        draft.maxEjected = maxEjected;
        draft.minimumCalls = minimumCalls;
        change.accept(draft);
        return new OutlierDetection(draft);
    }

    /**
     * The usual settings.
     *
     * @return 5 failures in a row; success rate 1.9 standard deviations below the mean of at least 5 endpoints with at least
     *     100 calls each; no limit on the share of failures; interval 10 s; ejections of 30 s to 5 min; at most half
     */
    public static OutlierDetection defaults() {
        return DEFAULTS;
    }

    /**
     * {@return these settings with another number of failures in a row}
     *
     * @param failures 1 or more
     * @throws IllegalArgumentException if less
     */
    public OutlierDetection consecutiveFailures(int failures) {
        return with(draft -> draft.consecutiveFailures = Require.atLeast("consecutiveFailures", 1, failures));
    }

    /**
     * {@return these settings with another distance from the mean success rate}
     *
     * @param factor standard deviations, more than 0
     * @throws IllegalArgumentException if not positive
     */
    public OutlierDetection successRateFactor(double factor) {
        if (!(factor > 0)) {
            throw new IllegalArgumentException(
                    "successRateFactor must be positive: successRateFactor=" + factor + " (expected: more than 0)");
        }
        return with(draft -> draft.successRateFactor = factor);
    }

    /**
     * {@return these settings with a limit on the share of failures in an interval}
     *
     * @param share above which an endpoint is ejected, 0 to 1; 1 = no limit
     * @throws IllegalArgumentException if out of range
     */
    public OutlierDetection failureShare(double share) {
        return with(draft -> draft.failureShare = Require.share("failureShare", share));
    }

    /**
     * {@return these settings with another interval}
     *
     * @param interval positive
     * @throws IllegalArgumentException if not positive
     */
    public OutlierDetection interval(Duration interval) {
        long unused = Require.positiveNanos("interval", interval);
        return with(draft -> draft.interval = interval);
    }

    /**
     * {@return these settings with other times of ejection}
     *
     * @param base of the first ejection, positive
     * @param max of any, not less than the base
     * @throws IllegalArgumentException if not positive, or the wrong way round
     */
    public OutlierDetection ejection(Duration base, Duration max) {
        long least = Require.positiveNanos("base", base);
        if (Require.positiveNanos("max", max) < least) {
            throw new IllegalArgumentException(
                    "max must not be less than base: max=" + max + " (expected: " + base + " or more)");
        }
        return with(draft -> {
            draft.baseEjection = base;
            draft.maxEjection = max;
        });
    }

    /**
     * {@return these settings with another limit on how many are ejected at once}
     *
     * @param share of the endpoints that are not drained, 0 to 1
     * @throws IllegalArgumentException if out of range
     */
    public OutlierDetection maxEjected(double share) {
        return with(draft -> draft.maxEjected = Require.share("maxEjected", share));
    }

    /**
     * {@return these settings with another number of calls that an endpoint must have had in an interval to be judged by it}
     *
     * @param calls 1 or more
     * @throws IllegalArgumentException if less
     */
    public OutlierDetection minimumCalls(int calls) {
        return with(draft -> draft.minimumCalls = Require.atLeast("minimumCalls", 1, calls));
    }

    /** {@return the effective settings} */
    @Override
    public String toString() {
        return "OutlierDetection[consecutiveFailures=" + consecutiveFailures + ", successRateFactor="
                + successRateFactor
                + ", failureShare=" + failureShare + ", interval=" + interval + ", baseEjection=" + baseEjection
                + ", maxEjection=" + maxEjection + ", maxEjected=" + maxEjected + ", minimumCalls=" + minimumCalls
                + "]";
    }
}
