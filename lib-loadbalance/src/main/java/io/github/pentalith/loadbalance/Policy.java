// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/** How an endpoint is chosen among the eligible ones. An immutable value; one may serve several balancers. */
public final class Policy {
    private Policy() {}

    /** {@return one after the other, weights ignored} */
    public static Policy roundRobin() {
        return new Policy();
    }

    /** {@return independent draws in proportion to the weights} */
    public static Policy random() {
        return new Policy();
    }

    /** {@return a rotation in proportion to the weights whose error stays below one request at every moment} */
    public static Policy weighted() {
        return new Policy();
    }

    /** {@return the less busy one of two drawn at random; the default} */
    public static Policy leastRequest() {
        return new Policy();
    }

    /**
     * {@return the least busy one of several drawn at random}
     *
     * @param choices how many are compared, 2 or more; if there are no more endpoints than that, all are
     * @throws IllegalArgumentException if less than 2
     */
    public static Policy leastRequest(int choices) {
        return new Policy();
    }
}
