// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import com.sun.net.httpserver.HttpHandler;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.health.HealthRegistry;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Skeleton. */
public final class Exposition {
    private Exposition() {}

    /** {@return Prometheus text 0.0.4} */
    public static Exposition prometheus() {
        throw new UnsupportedOperationException();
    }

    /** {@return OpenMetrics 1.0} */
    public static Exposition openMetrics() {
        throw new UnsupportedOperationException();
    }

    /**
     * Negotiates.
     *
     * @param accept the Accept header
     * @return the best format
     */
    public static Exposition negotiate(@Nullable String accept) {
        throw new UnsupportedOperationException();
    }

    /** {@return the content type} */
    public String contentType() {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes.
     *
     * @param registry what
     * @param out where
     * @throws IOException if {@code out} throws
     */
    public void write(MetricRegistry registry, OutputStream out) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Text.
     *
     * @param registry what
     * @return text
     */
    public String text(MetricRegistry registry) {
        throw new UnsupportedOperationException();
    }

    /**
     * Handler for scrapes.
     *
     * @param registry what
     * @return a handler
     */
    public static HttpHandler handler(MetricRegistry registry) {
        throw new UnsupportedOperationException();
    }

    /**
     * Handler for health: {@code /live}, {@code /ready} and {@code /started} below its context; all checks otherwise.
     *
     * @param registry what
     * @return a handler
     */
    public static HttpHandler handler(HealthRegistry registry) {
        throw new UnsupportedOperationException();
    }
}
