// SPDX-License-Identifier: Apache-2.0
/** A two-level cache that does not lie. */
module io.github.pentalith.cache {
    requires com.github.benmanes.caffeine;
    requires transitive io.github.pentalith.resilience;
    requires org.slf4j;
    requires static com.fasterxml.jackson.databind;
    requires static org.jspecify;
    requires static redis.clients.jedis;
    requires static spring.context;
    requires static spring.core;

    exports io.github.pentalith.cache;
    exports io.github.pentalith.cache.json;
    exports io.github.pentalith.cache.redis;
    exports io.github.pentalith.cache.spring;
}
