// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.metrics.slo.Availability;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Against figures worked out by hand; the steps are in the comments. */
class PlanTest {
    private static Load load(double years) {
        return new Load(100e6, 100, 3, 500, years, 0.2, 0.8);
    }

    private static Plan plan(Load load) {
        return new Plan(
                load,
                0.999,
                2,
                new Server("node", Duration.ofMillis(5), 64, Double.POSITIVE_INFINITY, 0.999),
                2,
                new Server("cache", Duration.ofNanos(20_000), 1, 64e9, 1),
                new Server("shard", Duration.ofMillis(2), 8, 2e12, 0.999),
                3,
                0.3);
    }

    @Test
    void load_ofTheExercise_isAsWorkedOutByHand() {
        Load ten = load(10);

        assertThat(ten.writesPerSecond()).isEqualTo(1_157.407, within(0.001)); // 100,000,000 / 86,400
        assertThat(ten.readsPerSecond()).isEqualTo(115_740.741, within(0.001)); // 100 times that
        assertThat(ten.missesPerSecond()).isEqualTo(23_148.148, within(0.001)); // a fifth of it
        assertThat(ten.links()).isEqualTo(365e9); // 100,000,000 x 365 x 10
        assertThat(ten.storedBytes()).isEqualTo(182.5e12); // x 500
        assertThat(load(5).storedBytes()).isEqualTo(91.25e12);
        assertThat(ten.cacheBytes()).isEqualTo(1e12, within(1.0)); // 10,000,000,000 reads x 0.2 x 500
        assertThat(ten.codeLength()).isEqualTo(7); // 62^6 = 56.8e9 < 365e9 < 62^7 = 3.5e12
        assertThat(load(1.5).codeLength()).isEqualTo(6); // 54.75e9 < 62^6
    }

    @Test
    void servers_ofTheExercise_areAsWorkedOutByHand() {
        Plan ten = plan(load(10));

        // 116,898.1/s x 0.005 s = 584.49 at a time, x 3 = 1,753.47; a node takes 64 x 0.7 = 44.8: 39.14
        assertThat(ten.nodesNeeded()).isEqualTo(40);
        assertThat(ten.nodes()).isEqualTo(42);
        assertThat(ten.cachesBySize()).isEqualTo(16); // 1 TB / 64 GB = 15.6
        assertThat(ten.cachesByRate()).isEqualTo(10); // 115,740.7 x 0.00002 x 3 / 0.7 = 9.92
        assertThat(ten.caches()).isEqualTo(16);
        assertThat(ten.shardsBySize()).isEqualTo(92); // 182.5 / 2 = 91.25
        assertThat(plan(load(5)).shardsBySize()).isEqualTo(46); // 45.6
        assertThat(ten.shardsByRate()).isEqualTo(27); // 24,305.6 x 0.002 x 3 / (8 x 0.7) = 26.04
        assertThat(ten.shards()).isEqualTo(92);
        assertThat(plan(load(1)).shards()).isEqualTo(27); // 18.25 TB would fit into 10
    }

    @Test
    void availability_ofTheExercise_isAsWorkedOutByHand() {
        Plan ten = plan(load(10));

        assertThat(ten.frontAvailability().unavailability()).isEqualTo(1e-6, within(1e-15)); // 0.001^2
        assertSeconds(ten.frontAvailability(), 31.536, 0.001);
        // 3 or more of 42 are away: C(42,3) x 0.001^3 x 0.999^39 + ... = 1.1151e-5
        assertSeconds(ten.nodeAvailability(), 351.603, 0.01);
        assertThat(ten.shardAvailability().unavailability()).isEqualTo(1e-9, within(1e-18)); // 0.001^3
        assertSeconds(ten.allShardsAvailability(), 2.9013, 0.0001); // 92 of those in series
        assertSeconds(ten.linkAvailability(), 383.170, 0.01);
        assertSeconds(ten.wholeAvailability(), 386.040, 0.01);
    }

    private static void assertSeconds(Availability availability, double perYear, double tolerance) {
        assertThat(availability.downtimePerYear().toNanos() / 1e9).isEqualTo(perYear, within(tolerance));
    }

    @Test
    void command_withoutInputs_printsTheExercise() {
        String table = run(0, "--plan");

        assertThat(table)
                .containsPattern("new links +1,157/s +3,472/s")
                .containsPattern("followed links +115,741/s +347,222/s")
                .containsPattern("links +365,000,000,000  in 10 years")
                .containsPattern("stored +182.5 TB  one copy; 547.5 TB with 3")
                .containsPattern("cache +1 TB  20 % of a day's reads")
                .containsPattern("nodes +42  40 for the peak, 2 to spare")
                .containsPattern("shards +92  92 for the bytes, 27 for the rate")
                .containsPattern("databases +276  3 of each shard")
                .containsPattern("fronts +99.999900 % +31.54 s  1 of 2 works")
                .containsPattern("a shard +99.999999900 % +0.03 s")
                .containsPattern("every link +99.9988 % +6.4 min");
    }

    /** What one input changes, and to what. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--urls-per-day 200000000  | new links +2,315/s",
                "--reads-per-write 10      | followed links +11,574/s",
                "--peak-factor 2           | new links +1,157/s +2,315/s",
                "--bytes-per-url 1000      | stored +365 TB",
                "--years 5                 | stored +91.25 TB",
                "--hot-share 0.1           | cache +500 GB  10 %",
                "--hit-ratio 0.9           | reads past the cache +11,574/s",
                "--headroom 0              | nodes +30  28 for the peak",
                "--fronts 3                | fronts +3  given",
                "--front-availability 0.99 | fronts +99.9900 % +52.6 min",
                "--node-millis 10          | nodes +81  79 for the peak",
                "--node-workers 128        | nodes +22  20 for the peak",
                "--node-availability 1     | nodes +100 % +0.00 s",
                "--spare-nodes 0           | nodes +96.\\S+ % +14.3 d  40 of 40 work",
                "--cache-millis 0.1        | cache +50  16 for the bytes, 50 for the rate",
                "--cache-workers 10        | cache +16  16 for the bytes, 1 for the rate",
                "--cache-bytes 10e9        | cache +100  100 for the bytes",
                "--shard-millis 20         | shards +261  92 for the bytes, 261 for the rate",
                "--shard-workers 80        | 92 for the bytes, 3 for the rate",
                "--shard-bytes 1e12        | shards +183  183 for the bytes",
                "--shard-availability 0.99 | a shard +99.999900 % +31.54 s",
                "--copies 1                | all shards +91.\\S+ % +32.1 d  all 92 work"
            })
    void command_withAnInput_calculatesWithIt(String flag, String line) {
        assertThat(run(0, ("--plan " + flag.strip()).split(" ", 3))).containsPattern(line.strip());
    }

    @ParameterizedTest
    @CsvSource({
        "--peak-factor, 0.5, peak-factor must be in range: peak-factor=0.5 (expected: 1 or more)",
        "--node-millis, 0, node-millis must be in range: node-millis=0.0 (expected: more than 0 ms)",
        "--copies, 0, copies must be in range: copies=0 (expected: 1 or more)",
        "--hit-ratio, NaN, hit-ratio must be in range: hit-ratio=NaN (expected: 0 to 1)",
        "--urls-per-day, Infinity, urls-per-day must be in range",
        "--years, x, Invalid value for option '--years'",
        "--urls-per-day, 1e18, out of range"
    })
    void command_withAWrongInput_saysSo(String flag, String value, String message) {
        assertThat(run(2, "--plan", flag, value)).contains(message);
    }

    private static String run(int status, String... args) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        assertThat(new CommandLine(new PlanCommand()).setOut(out).setErr(out).execute(args))
                .as(String.join(" ", args))
                .isEqualTo(status);
        return text.toString();
    }
}
