// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/**
 * What a balancer remembers of one logical request across all its attempts: the endpoints that were tried. A retry with
 * the same context goes to another endpoint while there is one.
 *
 * <pre>{@code
 * PickContext request = PickContext.create();
 * pipeline.call(() -> nodes.call(request, lease -> send(lease.target())));   // the pipeline retries, elsewhere
 * }</pre>
 *
 * <p>Thread-safe, so that hedged attempts can share it. Make one per request.
 */
public final class PickContext {
    private PickContext() {}

    /** {@return a context in which nothing was tried} */
    public static PickContext create() {
        return new PickContext();
    }

    /**
     * {@return whether an attempt of this request went to the endpoint}
     *
     * @param endpoint any endpoint
     */
    public boolean tried(Endpoint endpoint) {
        throw new UnsupportedOperationException();
    }
}
