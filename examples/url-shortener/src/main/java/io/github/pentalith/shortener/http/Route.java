// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import io.github.pentalith.shortener.link.Aliases;

/** The paths of the service and the methods that each of them knows; the front and the nodes read the same table. */
public enum Route {
    /** {@code /{code}}: follow a link. */
    FOLLOW("GET", "HEAD"),
    /** {@code /api/v1/urls}: make a link. */
    LINKS("POST"),
    /** {@code /api/v1/urls/{code}}: look at a link, delete it. */
    LINK("GET", "HEAD", "DELETE"),
    /** {@code /health/live}: does the process run? */
    LIVE("GET", "HEAD"),
    /** {@code /health/ready}: shall it be sent requests? */
    READY("GET", "HEAD"),
    /** {@code /metrics}: what Prometheus scrapes. */
    METRICS("GET", "HEAD"),
    /** {@code /}: what operators look at; the front's only. */
    DASHBOARD("GET", "HEAD"),
    /** {@code /api/v1/status}: what the dashboard shows; the front's only. */
    STATUS("GET", "HEAD"),
    /** {@code /admin/v1/shards}: see the shards, add one; on the admin's listener only. */
    ADMIN_SHARDS("GET", "HEAD", "POST"),
    /** {@code /admin/v1/shards/{id}}: take back the adding of a shard; on the admin's listener only. */
    ADMIN_SHARD("DELETE"),
    /** Everything else. */
    NONE;

    private static final String PATH_OF_SHARDS = "/admin/v1/shards";

    private static final String PATH_OF_LINKS = "/api/v1/urls";

    private final String allow;

    Route(String... methods) {
        this.allow = String.join(", ", methods);
    }

    /** {@return the route of a decoded path} */
    public static Route of(String path) {
        return switch (path) {
            case PATH_OF_LINKS -> LINKS;
            case PATH_OF_SHARDS -> ADMIN_SHARDS;
            case "/health/live" -> LIVE;
            case "/health/ready" -> READY;
            case "/metrics" -> METRICS;
            case "/" -> DASHBOARD;
            case "/api/v1/status" -> STATUS;
            default -> ofCode(path);
        };
    }

    private static Route ofCode(String path) {
        if (path.startsWith(PATH_OF_SHARDS + "/")) {
            return path.indexOf('/', PATH_OF_SHARDS.length() + 1) < 0 ? ADMIN_SHARD : NONE;
        }
        if (path.startsWith(PATH_OF_LINKS + "/")) {
            return Aliases.isWellFormed(path.substring(PATH_OF_LINKS.length() + 1)) ? LINK : NONE;
        }
        return path.startsWith("/") && Aliases.isWellFormed(path.substring(1)) ? FOLLOW : NONE;
    }

    /** {@return the code in a path of the routes {@link #FOLLOW} and {@link #LINK}} */
    public static String code(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** {@return whether it knows that method} */
    public boolean allows(String method) {
        return (", " + allow + ", ").contains(", " + method + ", ");
    }

    /** {@return its methods, as in the header {@code Allow}} */
    public String allow() {
        return allow;
    }
}
