// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

/** Hears of each answered request, on the thread that answered it. */
@FunctionalInterface
public interface RequestLog {
    /** One request was answered with that status; it took that long, reading and sending not included. */
    void answered(Route route, int status, long nanos);
}
