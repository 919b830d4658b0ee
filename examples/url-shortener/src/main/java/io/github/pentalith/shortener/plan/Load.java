// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.plan;

/**
 * What is asked of a shortener. A year has 365 days; a byte count has powers of ten.
 *
 * @param urlsPerDay new links per day
 * @param readsPerWrite how often a link is followed per new link
 * @param peakFactor the peak's rate over the mean
 * @param bytesPerUrl what a link takes in a database
 * @param years how long links are kept
 * @param hotShare the share of a day's reads whose links the cache shall hold
 * @param hitRatio the share of reads that the cache then answers
 */
public record Load(
        double urlsPerDay,
        double readsPerWrite,
        double peakFactor,
        double bytesPerUrl,
        double years,
        double hotShare,
        double hitRatio) {
    private static final double SECONDS_PER_DAY = 86_400;
    private static final double DAYS_PER_YEAR = 365;

    /** Checks all values. */
    public Load {
        require("urls-per-day", urlsPerDay, urlsPerDay > 0, "more than 0");
        require("reads-per-write", readsPerWrite, readsPerWrite >= 0, "0 or more");
        require("peak-factor", peakFactor, peakFactor >= 1, "1 or more");
        require("bytes-per-url", bytesPerUrl, bytesPerUrl > 0, "more than 0");
        require("years", years, years > 0, "more than 0");
        require("hot-share", hotShare, hotShare >= 0 && hotShare <= 1, "0 to 1");
        require("hit-ratio", hitRatio, hitRatio >= 0 && hitRatio <= 1, "0 to 1");
    }

    static void require(String name, Number value, boolean good, String expected) {
        if (!good || Double.isInfinite(value.doubleValue())) {
            throw new IllegalArgumentException(
                    name + " must be in range: " + name + "=" + value + " (expected: " + expected + ")");
        }
    }

    /** {@return new links per second} */
    public double writesPerSecond() {
        return urlsPerDay / SECONDS_PER_DAY;
    }

    /** {@return followed links per second} */
    public double readsPerSecond() {
        return writesPerSecond() * readsPerWrite;
    }

    /** {@return reads per second that the cache leaves to the databases} */
    public double missesPerSecond() {
        return readsPerSecond() * (1 - hitRatio);
    }

    /** {@return links at the end} */
    public double links() {
        return urlsPerDay * DAYS_PER_YEAR * years;
    }

    /** {@return bytes of all links at the end, one copy} */
    public double storedBytes() {
        return links() * bytesPerUrl;
    }

    /** {@return bytes of the hot share of a day's reads, as if each were of another link: an upper bound} */
    public double cacheBytes() {
        return urlsPerDay * readsPerWrite * hotShare * bytesPerUrl;
    }

    /** {@return how many characters of Base62 tell all links apart} */
    public int codeLength() {
        int length = 1;
        for (double codes = 62; codes < links(); codes *= 62) {
            length++;
        }
        return length;
    }
}
