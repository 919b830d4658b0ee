// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import java.time.Duration;
import java.util.Objects;

/**
 * The share of time, or of calls, in which something works, and what follows from it for systems made of such things.
 *
 * <p>An immutable value; all operations are pure. The unavailability is what is stored, so that fifteen nines lose
 * nothing. Combinations assume that the parts fail independently of each other; parts that share a rack, a deployment
 * or a cause do not.
 *
 * <pre>{@code
 * Availability database = Availability.of(0.999);
 * Availability pair = Availability.parallel(database, database);              // 0.999999
 * Availability service = Availability.series(pair, Availability.of(0.9995));  // both are needed
 * service.downtimePerMonth();                                                 // about 22 minutes
 * }</pre>
 *
 * <p>A year has 365 days here, a month is a twelfth of it, as in the tables of Google's SRE book.
 */
public final class Availability implements Comparable<Availability> {
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration MONTH = YEAR.dividedBy(12);

    private final double unavailability;

    private Availability(double unavailability) {
        this.unavailability = unavailability;
    }

    /**
     * Makes an availability from a share.
     *
     * @param share 0 to 1, such as 0.999
     * @return the availability
     * @throws IllegalArgumentException if {@code share} is not within 0 and 1; 99.9 is taken for a mistake
     */
    public static Availability of(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "share must be within 0 and 1: share=" + share + " (expected: such as 0.999, not percent)");
        }
        return new Availability(1 - share);
    }

    /**
     * Makes an availability from a number of nines.
     *
     * @param nines 3 for 0.999; fractions are meant logarithmically. 0 to 15
     * @return the availability
     * @throws IllegalArgumentException if {@code nines} is out of range
     */
    public static Availability ofNines(double nines) {
        if (!(nines >= 0 && nines <= 15)) {
            throw new IllegalArgumentException("nines must be in range: nines=" + nines + " (expected: 0 to 15)");
        }
        return new Availability(Math.pow(10, -nines));
    }

    /**
     * Makes an availability from the times that things work and take to mend.
     *
     * @param timeBetweenFailures how long it works on the average, MTBF; positive
     * @param timeToRepair how long it then does not work on the average, MTTR; zero or more
     * @return MTBF / (MTBF + MTTR)
     * @throws IllegalArgumentException if the first is not positive or the second is negative
     */
    public static Availability of(Duration timeBetweenFailures, Duration timeToRepair) {
        double up = seconds(timeBetweenFailures);
        double down = seconds(timeToRepair);
        if (!(up > 0 && down >= 0)) {
            throw new IllegalArgumentException("times must be positive: timeBetweenFailures=" + timeBetweenFailures
                    + ", timeToRepair=" + timeToRepair + " (expected: more than 0, and 0 or more)");
        }
        return new Availability(down / (up + down));
    }

    private static double seconds(Duration duration) {
        return duration.getSeconds() + duration.getNano() / 1e9;
    }

    /**
     * Combines parts that are all needed.
     *
     * @param parts the parts, at least one
     * @return the availability of the whole, never better than its worst part
     * @throws IllegalArgumentException if there are no parts
     */
    public static Availability series(Availability... parts) {
        double worksLog = 0;
        for (Availability part : atLeastOne(parts)) {
            worksLog += Math.log1p(-part.unavailability);
        }
        return new Availability(-Math.expm1(worksLog));
    }

    /**
     * Combines parts of which one is enough.
     *
     * @param parts the parts, at least one
     * @return the availability of the whole, never worse than its best part
     * @throws IllegalArgumentException if there are no parts
     */
    public static Availability parallel(Availability... parts) {
        double failed = 1;
        for (Availability part : atLeastOne(parts)) {
            failed *= part.unavailability;
        }
        return new Availability(failed);
    }

    private static Availability[] atLeastOne(Availability... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("parts must not be empty: parts=0 (expected: 1 or more)");
        }
        return parts;
    }

    /**
     * Combines equal parts of which some are needed, such as 2 of 3 for a majority.
     *
     * @param needed how many must work, 1 to {@code total}
     * @param total how many there are, 1 to 10,000
     * @param each the availability of each
     * @return the availability of the whole
     * @throws IllegalArgumentException if a number is out of range
     */
    public static Availability kOfN(int needed, int total, Availability each) {
        if (total < 1 || total > 10_000 || needed < 1 || needed > total) {
            throw new IllegalArgumentException("needed and total must be in range: needed=" + needed + ", total="
                    + total + " (expected: 1 <= needed <= total <= 10,000)");
        }
        double down = each.unavailability;
        if (down == 0 || down == 1) {
            return each;
        }
        // The probability that more than total - needed are down, summed up from binomial terms.
        double term = total * Math.log1p(-down); // logarithm of "none is down"
        double step = Math.log(down) - Math.log1p(-down);
        double failed = 0;
        for (int count = 1; count <= total; count++) {
            term += step + Math.log(total - count + 1.0) - Math.log(count);
            if (count > total - needed) {
                failed += Math.exp(term);
            }
        }
        return new Availability(Math.min(1, failed));
    }

    /** {@return the share, 0 to 1} */
    public double share() {
        return 1 - unavailability;
    }

    /** {@return what is missing to 1, exact where {@link #share} rounds to 1: the error budget as a share} */
    public double unavailability() {
        return unavailability;
    }

    /** {@return the number of nines: 3 for 0.999; infinity for 1} */
    public double nines() {
        return 0.0 - Math.log10(unavailability);
    }

    /** {@return how long it does not work in a year of 365 days} */
    public Duration downtimePerYear() {
        return downtimeIn(YEAR);
    }

    /** {@return how long it does not work in a month, a twelfth of a year} */
    public Duration downtimePerMonth() {
        return downtimeIn(MONTH);
    }

    /**
     * Returns how long it does not work in a period.
     *
     * @param period how long it should work, zero or more
     * @return the error budget in time, rounded to nanoseconds
     * @throws IllegalArgumentException if {@code period} is negative
     */
    public Duration downtimeIn(Duration period) {
        Objects.requireNonNull(period, "period");
        if (period.isNegative()) {
            throw new IllegalArgumentException(
                    "period must not be negative: period=" + period + " (expected: 0 or more)");
        }
        double seconds = seconds(period) * unavailability;
        long whole = (long) seconds;
        return Duration.ofSeconds(whole, Math.round((seconds - whole) * 1e9));
    }

    /** Orders by share: the worse comes first. */
    @Override
    public int compareTo(Availability other) {
        return Double.compare(other.unavailability, unavailability);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Availability that && Double.compare(unavailability, that.unavailability) == 0;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(unavailability);
    }

    @Override
    public String toString() {
        return "Availability[" + share() + ", " + downtimePerYear() + " per year]";
    }
}
