// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.demo;

import io.github.pentalith.shortener.dashboard.Fleet;
import io.github.pentalith.shortener.dashboard.Scrape;
import java.util.Map;

/**
 * What the servers say of themselves; cumulative, or the difference of two such.
 *
 * @param memory look-ups answered by a node's memory
 * @param redis look-ups answered by Redis
 * @param database look-ups that went to a database
 * @param retries attempts after the first, to follow a link
 * @param twice links followed at the second attempt
 * @param more links that took three attempts
 * @param frontSeconds time of the front for links followed
 * @param nodeSeconds time of the nodes for links followed
 * @param redisSeconds time of the nodes' calls to Redis
 * @param databaseSeconds time of the loads from databases
 */
record Figures(
        double memory,
        double redis,
        double database,
        double retries,
        double twice,
        double more,
        double frontSeconds,
        double nodeSeconds,
        double redisSeconds,
        double databaseSeconds) {
    /** The name of the front among the servers. */
    static final String FRONT = "front";

    /** {@return what these servers say, or said last} */
    static Figures of(Map<String, Fleet.View> servers) {
        return new Figures(
                nodes(servers, "pentalith_cache_requests_total", "result", "local_hit"),
                nodes(servers, "pentalith_cache_requests_total", "result", "remote_hit"),
                nodes(servers, "pentalith_cache_requests_total", "result", "miss"),
                front(servers, "pentalith_pipeline_retries_total", "pipeline", "reads"),
                front(servers, "shortener_attempts_total", "pipeline", "reads", "attempts", "2"),
                front(servers, "shortener_attempts_total", "pipeline", "reads", "attempts", "3"),
                front(servers, "shortener_http_request_duration_seconds_sum", "route", "follow"),
                nodes(servers, "shortener_http_request_duration_seconds_sum", "route", "follow"),
                nodes(servers, "pentalith_cache_remote_duration_seconds_sum"),
                nodes(servers, "pentalith_cache_load_duration_seconds_sum"));
    }

    private static double front(Map<String, Fleet.View> servers, String name, String... labels) {
        Fleet.View front = servers.get(FRONT);
        return front == null ? 0 : front.page().sum(name, labels);
    }

    private static double nodes(Map<String, Fleet.View> servers, String name, String... labels) {
        double sum = 0;
        for (Map.Entry<String, Fleet.View> server : servers.entrySet()) {
            Scrape page = server.getValue().page();
            sum += server.getKey().equals(FRONT) ? 0 : page.sum(name, labels);
        }
        return sum;
    }

    Figures minus(Figures earlier) {
        return new Figures(
                memory - earlier.memory,
                redis - earlier.redis,
                database - earlier.database,
                retries - earlier.retries,
                twice - earlier.twice,
                more - earlier.more,
                frontSeconds - earlier.frontSeconds,
                nodeSeconds - earlier.nodeSeconds,
                redisSeconds - earlier.redisSeconds,
                databaseSeconds - earlier.databaseSeconds);
    }

    double lookUps() {
        return memory + redis + database;
    }
}
