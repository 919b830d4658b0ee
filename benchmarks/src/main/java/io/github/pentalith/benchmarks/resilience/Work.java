// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

/** What is called: nothing, but not so that a compiler could know. */
final class Work {
    private final Object result = new Object();

    Object get() {
        return result;
    }
}
