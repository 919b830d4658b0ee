// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Goes round an array whose length is a power of two; one per thread. */
@State(Scope.Thread)
public class Cursor {
    private int next;

    /** The next index below {@code length}. */
    public int next(int length) {
        return next++ & (length - 1);
    }
}
