// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import io.github.pentalith.sharding.Placement;
import java.time.Duration;
import java.util.function.Function;

/**
 * How an endpoint is chosen among the eligible ones. An immutable value; one may serve several balancers, each of which
 * keeps a state of its own.
 *
 * <p>All policies pick without locks and, but for the next owners of a hash, without allocation, in constant time unless
 * they say otherwise; all skip endpoints that the request has tried while there are others. Health, drain, panic, priorities
 * and zones are settled before a policy comes in.
 */
public final class Policy {
    private final String description;
    private final Function<Draw, Picker.Chooser> chooser;
    final long tau; // Peak EWMA's, else 0

    private Policy(String description, Function<Draw, Picker.Chooser> chooser) {
        this(description, chooser, 0);
    }

    private Policy(String description, Function<Draw, Picker.Chooser> chooser, long tau) {
        this.description = description;
        this.chooser = chooser;
        this.tau = tau;
    }

    /**
     * One after the other, weights ignored. Each thread walks a full, fair cycle of its own; the cycles begin apart.
     *
     * @return the policy
     */
    public static Policy roundRobin() {
        return new Policy("roundRobin()", draw -> {
            RoundRobin.Places places = new RoundRobin.Places(draw.below(1 << 16));
            Weighted whileWarming = new Weighted(draw); // a rotation by warmth alone
            return (nodes, weights, warmth) ->
                    warmth == null ? new RoundRobin(nodes, places) : whileWarming.over(nodes, warmth, null);
        });
    }

    /**
     * Independent draws in proportion to the weights (an alias table). Needs no state and knows no load.
     *
     * @return the policy
     */
    public static Policy random() {
        return new Policy(
                "random()",
                draw -> (nodes, weights, warmth) -> new RandomPick(nodes, Picker.warm(weights, warmth), draw));
    }

    /**
     * A rotation in proportion to the weights, with an error of less than one request at every moment: of any first t
     * picks, an endpoint with the share s of the weight gets more than t*s - 1 and less than t*s + 1. It begins at random,
     * in proportion to the weights. Each of several competing threads walks such a rotation of its own.
     *
     * <p>Source: R. Tijdeman, "The chairman assignment problem", 1980, doi:10.1016/0012-365X(80)90269-1.
     *
     * @return the policy
     */
    public static Policy weighted() {
        return new Policy("weighted()", Weighted::new);
    }

    /**
     * The less busy one of two drawn at random: {@link #leastRequest(int) leastRequest(2)}. The default.
     *
     * @return the policy
     */
    public static Policy leastRequest() {
        return leastRequest(2);
    }

    /**
     * The one with the fewest calls in flight among several drawn at random, without drawing any twice. With unequal
     * weights, candidates are drawn in proportion to them and calls in flight per weight are compared.
     *
     * <p>Source: M. Mitzenmacher, "The power of two choices in randomized load balancing", 2001, doi:10.1109/71.963420.
     *
     * @param choices how many are compared, 2 or more; all are, if there are no more than that, in time proportional to
     *     their number
     * @return the policy
     * @throws IllegalArgumentException if {@code choices} is less than 2
     */
    public static Policy leastRequest(int choices) {
        if (choices < 2) {
            throw new IllegalArgumentException(
                    "choices must be in range: choices=" + choices + " (expected: 2 or more)");
        }
        return new Policy(
                "leastRequest(" + choices + ")",
                draw -> (nodes, weights, warmth) ->
                        new LeastRequest(nodes, Picker.warm(weights, warmth), choices, draw));
    }

    /**
     * The cheaper one of two drawn at random, where cost = (calls in flight / weight + 1) x latency: {@link
     * #peakEwma(Duration) peakEwma(10 s)}.
     *
     * @return the policy
     */
    public static Policy peakEwma() {
        return peakEwma(Duration.ofSeconds(10));
    }

    /**
     * The cheaper one of two drawn at random, where cost = (calls in flight / weight + 1) x latency. The latency is a
     * moving average that jumps to a slower sample at once and forgets it with time; a difference of less than a factor of two
     * is taken for noise, and the less busy one is chosen. A failed call counts as at least a
     * second, an overloaded one as its {@code retryAfter}, so that failing fast is not rewarded; a cancelled one as a lower
     * bound. Costs two readings of the clock per call, except of an
     * endpoint that gets more than about 4,000 calls per second from this balancer: of those, one in 16 is timed.
     *
     * <p>Source: Finagle's and Linkerd's Peak EWMA; the penalties are those of Linkerd's load biaser in kind.
     *
     * @param decay the time in which an old sample loses most of its weight, positive
     * @return the policy
     * @throws IllegalArgumentException if not positive
     */
    public static Policy peakEwma(Duration decay) {
        long tau = Require.positiveNanos("decay", decay);
        return new Policy(
                "peakEwma(" + decay + ")",
                draw -> (nodes, weights, warmth) -> new PeakEwma(nodes, Picker.warm(weights, warmth), draw, tau),
                tau);
    }

    /**
     * The owner of the request's {@linkplain PickContext#affinity(CharSequence) affinity}, without a bound on its load.
     *
     * @param placement {@link Placement#ring()}, {@link Placement#maglev} or {@link Placement#rendezvous()}
     * @return the policy
     * @throws IllegalArgumentException if the placement is another: balancers with different histories would disagree
     */
    public static Policy consistentHash(Placement placement) {
        return consistentHash(placement, Double.POSITIVE_INFINITY, "consistentHash(" + placement.id() + ")");
    }

    /**
     * The owner of the request's {@linkplain PickContext#affinity(CharSequence) affinity}, or the next one if it is busy:
     * nobody has more calls in flight than {@code ceil((1 + epsilon) x average x its share)}. Without an affinity a request
     * goes anywhere, in proportion to the weights. An endpoint that is not well hands its own keys on and no others. Time in
     * proportion to the endpoints, whose calls are added up.
     *
     * <p>The placement knows whole weights up to its own limits; if they are too many, it is told the nearest hundredth of
     * the greatest one, and if the endpoints are too many, rendezvous hashing takes its place.
     *
     * <p>Source: V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent hashing with bounded loads", 2018,
     * doi:10.1137/1.9781611975031.39.
     *
     * @param placement {@link Placement#ring()}, {@link Placement#maglev} or {@link Placement#rendezvous()}
     * @param epsilon how much more than its share an endpoint may have, more than 0; 0.25 is usual
     * @return the policy
     * @throws IllegalArgumentException if the placement is another, or epsilon not positive
     */
    public static Policy consistentHash(Placement placement, double epsilon) {
        if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "epsilon must be positive and finite: epsilon=" + epsilon + " (expected: more than 0)");
        }
        return consistentHash(placement, epsilon, "consistentHash(" + placement.id() + ", " + epsilon + ")");
    }

    private static Policy consistentHash(Placement placement, double epsilon, String description) {
        Placement.Properties properties = placement.properties();
        if (!properties.historyIndependent() || !properties.arbitraryRemoval() || !properties.weighted()) {
            throw new IllegalArgumentException("placement must depend on the nodes and their weights alone: placement="
                    + placement.id() + " (expected: ring, maglev or rendezvous)");
        }
        return new Policy(description, draw -> new ConsistentHash.Memory(placement, epsilon, draw));
    }

    Picker.Chooser chooser(Draw draw) {
        return chooser.apply(draw);
    }

    /** {@return how this policy was made} */
    @Override
    public String toString() {
        return description;
    }
}
