// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** How endpoints are asked whether they are well. An immutable value. */
public final class HealthProbe {
    private HealthProbe() {}

    /**
     * {@return a probe by HTTP/1.1 GET; an answer 200 to 299 is healthy}
     *
     * @param path beginning with a slash
     * @throws IllegalArgumentException if it does not
     */
    public static HealthProbe http(String path) {
        return new HealthProbe();
    }

    /** {@return a probe that connects and disconnects} */
    public static HealthProbe tcp() {
        return new HealthProbe();
    }

    /**
     * {@return a probe of the user's own}
     *
     * @param check starts a check; true = healthy, false or an exception = not
     */
    public static HealthProbe of(Function<? super Endpoint, ? extends CompletionStage<Boolean>> check) {
        return new HealthProbe();
    }

    /**
     * {@return this probe with another time between two checks of an endpoint}
     *
     * @param interval positive
     * @throws IllegalArgumentException if not positive
     */
    public HealthProbe interval(Duration interval) {
        return this;
    }

    /**
     * {@return this probe with another time between checks while a verdict is open: never checked, rising or falling}
     *
     * @param interval positive
     * @throws IllegalArgumentException if not positive
     */
    public HealthProbe fastInterval(Duration interval) {
        return this;
    }

    /**
     * {@return this probe with another bound on one check}
     *
     * @param timeout positive
     * @throws IllegalArgumentException if not positive
     */
    public HealthProbe timeout(Duration timeout) {
        return this;
    }

    /**
     * {@return this probe with another number of good checks in a row that make an unhealthy endpoint healthy}
     *
     * @param checks 1 or more
     * @throws IllegalArgumentException if less
     */
    public HealthProbe rise(int checks) {
        return this;
    }

    /**
     * {@return this probe with another number of bad checks in a row that make a healthy endpoint unhealthy}
     *
     * @param checks 1 or more
     * @throws IllegalArgumentException if less
     */
    public HealthProbe fall(int checks) {
        return this;
    }

    /**
     * {@return this probe with another share of each interval that is random}
     *
     * @param share 0 to 1
     * @throws IllegalArgumentException if out of range
     */
    public HealthProbe jitter(double share) {
        return this;
    }

    /**
     * {@return this probe at another port than the endpoints' own}
     *
     * @param port 1 to 65,535
     * @throws IllegalArgumentException if out of range
     */
    public HealthProbe port(int port) {
        return this;
    }
}
