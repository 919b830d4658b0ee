// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

/**
 * What {@link HorizontalScaler} decided, and why. An immutable value.
 *
 * @param current servers before
 * @param proposed what the metrics alone would give
 * @param desired what should be
 * @param limit what kept {@code desired} from being {@code proposed}
 * @param why the deciding metric or what is missing, for people
 * @param next the state to decide from the next time; after carrying this decision out, {@link ScalingState#scaled} of it
 */
public record ScalingDecision(int current, int proposed, int desired, Limit limit, String why, ScalingState next) {
    /** What stood between a proposal and a decision. */
    public enum Limit {
        /** Nothing. */
        NONE,
        /** The least or greatest number of servers. */
        BOUNDS,
        /** An earlier proposal in the stabilisation window. */
        STABILIZATION,
        /** A rate, or the direction is closed. */
        RATE,
        /** Metrics without value. */
        MISSING_METRICS,
        /** A controller's pause after an action. */
        COOL_DOWN,
        /** A controller's action that has not ended yet. */
        IN_FLIGHT
    }

    /** {@return whether there is anything to do} */
    public boolean changes() {
        return desired != current;
    }

    ScalingDecision held(Limit by) {
        return new ScalingDecision(current, proposed, current, by, why, next);
    }

    /** {@return the numbers and the reason, in one line} */
    @Override
    public String toString() {
        String step = desired == current ? "stay at " + current : current + " -> " + desired;
        return step + ": " + why + (limit == Limit.NONE ? "" : "; " + proposed + " proposed, limited by " + limit);
    }
}
