// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a decision depends on besides the metrics: the servers there are, what was proposed and what was done in the time
 * that the specification looks back. Immutable.
 *
 * @param servers how many there are now, 0 or more
 * @param proposals earlier proposals, oldest first, immutable
 * @param actions earlier actions, oldest first, immutable
 */
public record ScalingState(int servers, List<Proposal> proposals, List<Action> actions) {
    /**
     * Checks the servers.
     *
     * @param servers as in {@link #servers()}
     * @param proposals as in {@link #proposals()}
     * @param actions as in {@link #actions()}
     * @throws IllegalArgumentException if negative
     */
    public ScalingState {
        ScalingSpec.atLeast("servers", 0, servers);
        proposals = List.copyOf(proposals);
        actions = List.copyOf(actions);
    }

    /**
     * A beginning: what is there counts as proposed, so a fleet does not shrink in its first stabilisation window.
     *
     * @param servers how many there are
     * @param now the time
     * @return the state
     */
    public static ScalingState of(int servers, Instant now) {
        return new ScalingState(servers, List.of(new Proposal(now, servers)), List.of());
    }

    /**
     * {@return this state after other servers were counted than were thought to be there, as after a crash; not an action}
     *
     * @param counted how many there are
     */
    public ScalingState servers(int counted) {
        return counted == servers ? this : new ScalingState(counted, proposals, actions);
    }

    /**
     * {@return this state after an action}
     *
     * @param to how many servers there are now
     * @param now the time
     */
    public ScalingState scaled(int to, Instant now) {
        if (to == servers) {
            return this;
        }
        List<Action> more = new ArrayList<>(actions);
        more.add(new Action(now, to - servers));
        return new ScalingState(to, proposals, more);
    }

    ScalingState proposed(int proposal, Instant now, ScalingSpec spec) {
        Duration window = spec.up().window().compareTo(spec.down().window()) > 0
                ? spec.up().window()
                : spec.down().window();
        Duration period = Duration.ZERO;
        for (ScalingSpec.Behavior behavior : List.of(spec.up(), spec.down())) {
            for (ScalingSpec.Rate rate : behavior.rates()) {
                period = rate.period().compareTo(period) > 0 ? rate.period() : period;
            }
        }
        List<Proposal> kept = new ArrayList<>();
        for (Proposal past : proposals) {
            if (past.at.isAfter(now.minus(window)) && !past.equals(new Proposal(now, proposal))) {
                kept.add(past);
            }
        }
        kept.add(new Proposal(now, proposal));
        List<Action> done = new ArrayList<>();
        for (Action past : actions) {
            if (past.at.isAfter(now.minus(period))) {
                done.add(past);
            }
        }
        return new ScalingState(servers, kept, done);
    }

    /**
     * What the metrics asked for.
     *
     * @param at when
     * @param servers how many servers
     */
    public record Proposal(Instant at, int servers) {}

    /**
     * What was done.
     *
     * @param at when
     * @param change servers added, or taken away if negative
     */
    public record Action(Instant at, int change) {}
}
