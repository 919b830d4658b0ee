// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How endpoints are asked whether they are well. An immutable value.
 *
 * <p>An endpoint becomes unhealthy after {@code fall} bad checks in a row, and healthy again after {@code rise} good
 * ones; the very first check of an endpoint decides alone. While such a row is open, checks come at the fast interval. A
 * check is bad if there is no answer within the timeout. Each interval varies at random by the jitter, and the first
 * checks are spread evenly over one fast interval, so that a large fleet is not asked all at once.
 *
 * <p>{@link #http} and {@link #tcp} use plain non-blocking sockets, all served by one daemon thread named
 * {@code pentalith-loadbalance-probe}: a server that hangs costs a timer and a socket, and delays nobody else's check.
 * (The JDK's HTTP client would bring a thread per balancer that cannot be ended on Java 17.) Host names are resolved by up
 * to four threads that end when idle. For TLS, HTTP/2 or anything else bring a check of your own by {@link #of}.
 *
 * <pre>{@code
 * HealthProbe.http("/health/ready").interval(ofMillis(500)).timeout(ofMillis(200)).fall(2)
 * }</pre>
 *
 * <p>Names and meaning are HAProxy's ({@code inter}, {@code fastinter}, {@code rise}, {@code fall}).
 */
public final class HealthProbe {
    final @Nullable String path; // HTTP if there is one
    final @Nullable Function<? super Endpoint, ? extends CompletionStage<Boolean>> check; // the user's, if there is one
    final Duration interval;
    final @Nullable Duration fastInterval;
    final Duration timeout;
    final int rise;
    final int fall;
    final double jitter;
    final int port; // 0: the endpoint's

    private HealthProbe(
            @Nullable String path,
            @Nullable Function<? super Endpoint, ? extends CompletionStage<Boolean>> check,
            Duration interval,
            @Nullable Duration fastInterval,
            Duration timeout,
            int rise,
            int fall,
            double jitter,
            int port) {
        this.path = path;
        this.check = check;
        this.interval = interval;
        this.fastInterval = fastInterval;
        this.timeout = timeout;
        this.rise = rise;
        this.fall = fall;
        this.jitter = jitter;
        this.port = port;
    }

    private static HealthProbe standard(
            @Nullable String path, @Nullable Function<? super Endpoint, ? extends CompletionStage<Boolean>> check) {
        return new HealthProbe(path, check, Duration.ofSeconds(2), null, Duration.ofSeconds(1), 2, 3, 0.1, 0);
    }

    /**
     * A probe by HTTP/1.1 GET. An answer of 200 to 299 is good; the status line decides, the body is read and dropped.
     *
     * @param path beginning with a slash, without spaces
     * @return the probe: every 2 s, timeout 1 s, rise 2, fall 3, jitter 0.1
     * @throws IllegalArgumentException if the path cannot be one
     */
    public static HealthProbe http(String path) {
        if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IllegalArgumentException("path must be an absolute path: path=" + path
                    + " (expected: a slash, then visible ASCII characters)");
        }
        return standard(path, null);
    }

    /**
     * A probe that connects and disconnects.
     *
     * @return the probe: every 2 s, timeout 1 s, rise 2, fall 3, jitter 0.1
     */
    public static HealthProbe tcp() {
        return standard(null, null);
    }

    /**
     * A probe of the user's own.
     *
     * @param check starts a check, on the balancer's executor; true = good, false or an exception = bad. It is cancelled
     *     when the timeout has passed
     * @return the probe: every 2 s, timeout 1 s, rise 2, fall 3, jitter 0.1
     */
    public static HealthProbe of(Function<? super Endpoint, ? extends CompletionStage<Boolean>> check) {
        return standard(null, requireNonNull(check, "check"));
    }

    /**
     * {@return this probe with another time between the beginnings of two checks of an endpoint}
     *
     * @param interval positive
     * @throws IllegalArgumentException if not positive
     */
    public HealthProbe interval(Duration interval) {
        long unused = Require.positiveNanos("interval", interval);
        return new HealthProbe(path, check, interval, fastInterval, timeout, rise, fall, jitter, port);
    }

    /**
     * {@return this probe with another time between checks while a verdict is open}
     *
     * @param interval positive; a quarter of the interval unless given
     * @throws IllegalArgumentException if not positive
     */
    public HealthProbe fastInterval(Duration interval) {
        long unused = Require.positiveNanos("fastInterval", interval);
        return new HealthProbe(path, check, this.interval, interval, timeout, rise, fall, jitter, port);
    }

    /**
     * {@return this probe with another bound on one check}
     *
     * @param timeout positive
     * @throws IllegalArgumentException if not positive
     */
    public HealthProbe timeout(Duration timeout) {
        long unused = Require.positiveNanos("timeout", timeout);
        return new HealthProbe(path, check, interval, fastInterval, timeout, rise, fall, jitter, port);
    }

    /**
     * {@return this probe with another number of good checks in a row that make an unhealthy endpoint healthy}
     *
     * @param checks 1 or more
     * @throws IllegalArgumentException if less
     */
    public HealthProbe rise(int checks) {
        int least = Require.atLeast("rise", 1, checks);
        return new HealthProbe(path, check, interval, fastInterval, timeout, least, fall, jitter, port);
    }

    /**
     * {@return this probe with another number of bad checks in a row that make a healthy endpoint unhealthy}
     *
     * @param checks 1 or more
     * @throws IllegalArgumentException if less
     */
    public HealthProbe fall(int checks) {
        int least = Require.atLeast("fall", 1, checks);
        return new HealthProbe(path, check, interval, fastInterval, timeout, rise, least, jitter, port);
    }

    /**
     * {@return this probe with another variation of each interval}
     *
     * @param share 0 to 1; with 0.1 an interval is 95 % to 105 % of the nominal one
     * @throws IllegalArgumentException if out of range
     */
    public HealthProbe jitter(double share) {
        double checked = Require.share("jitter", share);
        return new HealthProbe(path, check, interval, fastInterval, timeout, rise, fall, checked, port);
    }

    /**
     * {@return this probe at another port than the endpoints' own}
     *
     * @param port 1 to 65,535
     * @throws IllegalArgumentException if out of range
     */
    public HealthProbe port(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port must be in range: port=" + port + " (expected: 1 to 65,535)");
        }
        return new HealthProbe(path, check, interval, fastInterval, timeout, rise, fall, jitter, port);
    }

    Duration fast() {
        return fastInterval == null ? interval.dividedBy(4).plusNanos(1) : fastInterval;
    }

    /** {@return the effective settings} */
    @Override
    public String toString() {
        String kind = check != null ? "of(..)" : path != null ? "http(" + path + ")" : "tcp()";
        return "HealthProbe." + kind + "[interval=" + interval + ", fastInterval=" + fast() + ", timeout=" + timeout
                + ", rise=" + rise + ", fall=" + fall + ", jitter=" + jitter + (port == 0 ? "" : ", port=" + port)
                + "]";
    }
}
