// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

/** Hears of each answered request, on the thread that answered it. */
@FunctionalInterface
public interface RequestLog {
    /**
     * One request was answered.
     *
     * @param request the request; of any route and method, without its body if that was too long
     * @param reply the answer
     * @param nanos how long it took, reading and sending not included
     */
    void answered(Request request, Reply reply, long nanos);

    /** {@return both, one after the other} */
    default RequestLog and(RequestLog other) {
        return (request, reply, nanos) -> {
            answered(request, reply, nanos);
            other.answered(request, reply, nanos);
        };
    }
}
