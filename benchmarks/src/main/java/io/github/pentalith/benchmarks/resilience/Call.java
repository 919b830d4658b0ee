// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

/** A call through something. */
interface Call {
    Object call() throws Exception;
}
