// SPDX-License-Identifier: Apache-2.0
/** Virtual time, simulation, statistics and real servers for tests. */
module io.github.pentalith.testkit {
    requires org.apache.commons.statistics.distribution;
    requires org.apache.commons.statistics.inference;
    requires org.slf4j;
    requires static org.jspecify;
    requires static org.junit.jupiter.api;

    exports io.github.pentalith.testkit;
    exports io.github.pentalith.testkit.simulation;
}
