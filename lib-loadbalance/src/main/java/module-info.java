// SPDX-License-Identifier: Apache-2.0
/** Which endpoint takes a call. */
module io.github.pentalith.loadbalance {
    requires transitive io.github.pentalith.sharding;
    requires java.net.http;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.github.pentalith.loadbalance;
    exports io.github.pentalith.loadbalance.scaling;
}
