// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.LongAdder;

/**
 * A bound on retries as a share of the calls, so that an outage is not multiplied: over any time,
 * retries &lt;= reserve + ratio * calls. Every call pays in {@code ratio} of a token, up to the reserve; every retry
 * takes out one, <em>before</em> it waits, so that retries that wait count.
 *
 * <p>Give one budget to several {@link Retry} values to bound them together; without one, each {@link Pipeline} makes its
 * own of 10 % with a reserve of 10.
 *
 * <p>Thread-safe and lock-free. While nothing fails the reserve is full and a call only reads one word.
 *
 * <p>Source: Finagle's RetryBudget; gRFC A6. Unlike theirs it needs no clock: what the reserve does not hold is lost.
 */
public final class RetryBudget {
    private static final long TOKEN = 1_000_000; // the unit of ratio

    private final long reserve;
    private final long deposit;
    private final PaddedLong balance;
    private final LongAdder withdrawn = new LongAdder();
    private final LongAdder denied = new LongAdder();

    private RetryBudget(long deposit, long reserve) {
        this.deposit = deposit;
        this.reserve = reserve;
        this.balance = new PaddedLong(reserve);
    }

    /**
     * A budget with a reserve of 10 retries, full at the start.
     *
     * @param ratio retries per call, in [0, 1], to six places
     * @return the budget
     * @throws IllegalArgumentException if the ratio is out of its range
     */
    public static RetryBudget ratio(double ratio) {
        return of(ratio, 10);
    }

    /**
     * A budget.
     *
     * @param ratio retries per call, in [0, 1], to six places
     * @param reserve how many retries can be saved up, full at the start; 0 to 1,000,000
     * @return the budget
     * @throws IllegalArgumentException if one is out of its range
     */
    public static RetryBudget of(double ratio, int reserve) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("ratio must be a share: ratio=" + ratio + " (expected: 0 to 1)");
        }
        Arguments.range("reserve", reserve, 0, 1_000_000);
        // A reserve of less than one token could never be withdrawn from, however much is paid in.
        long cap = ratio == 0 ? reserve * TOKEN : Math.max(1, reserve) * TOKEN;
        RetryBudget budget = new RetryBudget(Math.round(ratio * TOKEN), cap);
        budget.balance.set(reserve * TOKEN);
        return budget;
    }

    /** {@return a budget that allows every retry: 3 attempts are then 3 times the load in an outage} */
    public static RetryBudget unlimited() {
        return new RetryBudget(0, Long.MAX_VALUE);
    }

    /** Pays in for one call. */
    void deposit() {
        long before = balance.get();
        while (before < reserve) {
            long after = Math.min(reserve, before + deposit);
            if (after == before || balance.compareAndSet(before, after)) {
                return;
            }
            before = balance.get();
        }
    }

    /** Takes out one retry, if there is one. */
    boolean withdraw() {
        if (reserve == Long.MAX_VALUE) {
            withdrawn.increment();
            return true;
        }
        while (true) {
            long before = balance.get();
            if (before < TOKEN) {
                denied.increment();
                return false;
            }
            if (balance.compareAndSet(before, before - TOKEN)) {
                withdrawn.increment();
                return true;
            }
        }
    }

    /** {@return cumulative counts} */
    public Stats stats() {
        return new Stats(balance.get() / TOKEN, withdrawn.sum(), denied.sum());
    }

    @Override
    public String toString() {
        return reserve == Long.MAX_VALUE
                ? "unlimited"
                : "ratio " + (double) deposit / TOKEN + ", reserve " + reserve / TOKEN;
    }

    /**
     * Counts since creation.
     *
     * @param available how many retries are allowed now
     * @param withdrawn retries that were allowed
     * @param denied retries that were refused
     */
    public record Stats(long available, long withdrawn, long denied) {}
}
