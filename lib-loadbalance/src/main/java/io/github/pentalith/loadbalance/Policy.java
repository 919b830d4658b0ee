// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.function.Function;

/**
 * How an endpoint is chosen among the eligible ones. An immutable value; one may serve several balancers, each of which
 * keeps a state of its own.
 *
 * <p>All policies pick in constant time, without locks and without allocation, and all skip endpoints that the request
 * has tried while there are others. Health, drain and panic are settled before a policy comes in.
 */
public final class Policy {
    private final String description;
    private final Function<Draw, Picker.Chooser> chooser;

    private Policy(String description, Function<Draw, Picker.Chooser> chooser) {
        this.description = description;
        this.chooser = chooser;
    }

    /**
     * One after the other, weights ignored. Threads that compete each walk a full, fair cycle of their own.
     *
     * @return the policy
     */
    public static Policy roundRobin() {
        return new Policy("roundRobin()", draw -> {
            StripedSequence sequence = new StripedSequence(draw.below(1 << 16), 7919);
            return (nodes, weights) -> new RoundRobin(nodes, sequence);
        });
    }

    /**
     * Independent draws in proportion to the weights (an alias table). Needs no state and knows no load.
     *
     * @return the policy
     */
    public static Policy random() {
        return new Policy("random()", draw -> (nodes, weights) -> new RandomPick(nodes, weights, draw));
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
                draw -> (nodes, weights) -> new LeastRequest(nodes, weights, choices, draw));
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
