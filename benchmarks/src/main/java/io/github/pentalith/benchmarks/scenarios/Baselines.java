// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.testkit.simulation.Server;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Choosers written by hand, as simple as they can be: what the real policies are compared with. */
final class Baselines {
    private Baselines() {}

    /** Chooses among servers of which it may know how many of its own calls are open. */
    private abstract static class ByHand implements Chooser {
        final int[] open;

        ByHand(int servers) {
            open = new int[servers];
        }

        abstract int choose();

        @Override
        public long pick() {
            int server = choose();
            open[server]++;
            return server;
        }

        @Override
        public int server(long token) {
            return (int) token;
        }

        @Override
        public void done(long token, Outcome outcome) {
            open[(int) token]--;
        }
    }

    static Chooser random(Chooser.View view) {
        int n = view.servers().size();
        return new ByHand(n) {
            @Override
            int choose() {
                return view.random().nextInt(n);
            }
        };
    }

    static Chooser roundRobin(Chooser.View view) {
        int n = view.servers().size();
        return new ByHand(n) {
            private int next = view.random().nextInt(n);

            @Override
            int choose() {
                next = (next + 1) % n;
                return next;
            }
        };
    }

    /** The least busy of d different ones by the client's own open calls. */
    static Chooser leastOwn(Chooser.View view, int choices) {
        int n = view.servers().size();
        return new ByHand(n) {
            @Override
            int choose() {
                return least(view.random(), n, choices, i -> open[i]);
            }
        };
    }

    /** The least busy of d different ones by all calls at the server: a bound for what d choices can do. */
    static Chooser leastTrue(Chooser.View view, int choices) {
        List<Server> servers = view.servers();
        return new ByHand(servers.size()) {
            @Override
            int choose() {
                return least(
                        view.random(),
                        servers.size(),
                        choices,
                        i -> servers.get(i).load());
            }
        };
    }

    /** The server where the call is expected to end first, all loads and speeds known: a bound for everybody. */
    static Chooser shortestExpectedDelay(Chooser.View view) {
        List<Server> servers = view.servers();
        return new ByHand(servers.size()) {
            @Override
            int choose() {
                return least(
                        view.random(),
                        servers.size(),
                        servers.size(),
                        i -> (servers.get(i).load() + 1) / servers.get(i).speed());
            }
        };
    }

    /**
     * Finagle's and Linkerd's rule: of two, the one with the smaller product of a peak-sensitive moving average of
     * latency (10 s) and open calls + 1; an unknown one that is busy waits until something is known.
     */
    static Chooser peakEwma(Chooser.View view) {
        LongSupplier ticker = view.world().time();
        int n = view.servers().size();
        return new Chooser() {
            private static final double DECAY_NANOS = 10e9;
            private static final double UNKNOWN = 1e15;
            private final int[] open = new int[n];
            private final double[] average = new double[n];
            private final long[] stamp = new long[n];

            private double cost(int i) {
                double latency = average[i] * Math.exp(-(ticker.getAsLong() - stamp[i]) / DECAY_NANOS);
                return latency == 0 && open[i] > 0 ? UNKNOWN + open[i] : latency * (open[i] + 1);
            }

            @Override
            public long pick() {
                int server = least(view.random(), n, 2, this::cost);
                open[server]++;
                return ticker.getAsLong() * n + server; // the start travels in the token
            }

            @Override
            public int server(long token) {
                return (int) (token % n);
            }

            @Override
            public void done(long token, Outcome outcome) {
                int i = server(token);
                long now = ticker.getAsLong();
                double sample = now - token / n;
                double weight = Math.exp(-(now - stamp[i]) / DECAY_NANOS);
                average[i] = sample > average[i] ? sample : average[i] * weight + sample * (1 - weight);
                stamp[i] = now;
                open[i]--;
            }
        };
    }

    private interface Cost {
        double of(int server);
    }

    /** The cheapest of d different servers, drawn at random; the first drawn wins ties. */
    private static int least(RandomGenerator random, int n, int choices, Cost cost) {
        if (choices >= n) {
            int start = random.nextInt(n);
            int best = start;
            double least = cost.of(start);
            for (int k = 1; k < n; k++) {
                int i = (start + k) % n;
                double c = cost.of(i);
                if (c < least) {
                    least = c;
                    best = i;
                }
            }
            return best;
        }
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        int[] drawn = new int[choices];
        for (int k = 0; k < choices; k++) {
            int i = random.nextInt(n - k);
            for (int j = 0; j < k; j++) { // skip those drawn before, which are kept in ascending order
                if (i >= drawn[j]) {
                    i++;
                }
            }
            int at = k;
            while (at > 0 && drawn[at - 1] > i) {
                drawn[at] = drawn[at - 1];
                at--;
            }
            drawn[at] = i;
            double c = cost.of(i);
            if (c < least) {
                least = c;
                best = i;
            }
        }
        return best;
    }
}
