// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.testkit.simulation.Server;
import io.github.pentalith.testkit.simulation.Simulation;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** One client's way to choose a server: a real policy of lib-loadbalance, or one written by hand to compare with. */
interface Chooser extends AutoCloseable {
    /** Chooses a server and counts the call; returns a token for it. */
    long pick();

    /** Tells which server the token stands for. */
    int server(long token);

    /** Tells how the call ended. */
    void done(long token, Outcome outcome);

    @Override
    default void close() {}

    /** What a client may know. The truth about the servers' load is for bounds only: no real client has it. */
    record View(Simulation world, List<Server> servers, int[] weights, RandomGenerator random) {}

    /** A row of the tables. */
    record Contender(String name, boolean real, Function<View, Chooser> factory) {}
}
