// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.id;

import java.time.Instant;
import java.time.InstantSource;

/** Makes unique, time-ordered, positive 63-bit ids. */
public final class IdGenerator {
    private IdGenerator() {}

    /**
     * {@return a generator on the system's clock}
     *
     * @param node number of this generator, 0 to 1,023, unique among all that run at the same time
     */
    public static IdGenerator of(int node) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return a generator on another clock}
     *
     * @param node number of this generator, 0 to 1,023, unique among all that run at the same time
     * @param clock gives the time
     */
    public static IdGenerator of(int node, InstantSource clock) {
        throw new UnsupportedOperationException();
    }

    /** {@return the next id, greater than all that this generator gave before} */
    public long next() {
        throw new UnsupportedOperationException();
    }

    /** {@return the number of this generator} */
    public int node() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return when the id was made, to the millisecond}
     *
     * @param id made by a generator
     */
    public static Instant instantOf(long id) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the number of the generator that made the id}
     *
     * @param id made by a generator
     */
    public static int nodeOf(long id) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the sequence number of the id within its millisecond}
     *
     * @param id made by a generator
     */
    public static int sequenceOf(long id) {
        throw new UnsupportedOperationException();
    }
}
