// SPDX-License-Identifier: Apache-2.0
/** Where a key lives, and what moves when that changes. */
module io.github.pentalith.sharding {
    requires com.dynatrace.hash4j;
    requires static com.google.common;
    requires static org.jspecify;

    exports io.github.pentalith.sharding;
    exports io.github.pentalith.sharding.compat;
    exports io.github.pentalith.sharding.id;
    exports io.github.pentalith.sharding.load;
    exports io.github.pentalith.sharding.migrate;
    exports io.github.pentalith.sharding.report;
}
