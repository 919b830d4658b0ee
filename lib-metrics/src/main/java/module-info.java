// SPDX-License-Identifier: Apache-2.0
/** What is going on, and whether it is good enough. */
module io.github.pentalith.metrics {
    requires java.management;
    requires org.slf4j;
    requires static io.github.pentalith.cache;
    requires static io.github.pentalith.loadbalance;
    requires static io.github.pentalith.resilience;
    requires static io.github.pentalith.sharding;
    requires static jdk.httpserver;
    requires static org.jspecify;

    exports io.github.pentalith.metrics;
    exports io.github.pentalith.metrics.bind;
    exports io.github.pentalith.metrics.export;
    exports io.github.pentalith.metrics.health;
    exports io.github.pentalith.metrics.plot;
    exports io.github.pentalith.metrics.slo;
}
