// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

/** What answers requests. Called by many threads at once. */
@FunctionalInterface
public interface Handler {
    /** {@return the answer} A {@link io.github.pentalith.shortener.link.Rejection} becomes its problem, any other exception a 500. */
    Reply handle(Request request) throws Exception;
}
