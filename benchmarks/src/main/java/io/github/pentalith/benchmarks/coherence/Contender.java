// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.LongUnaryOperator;

/** A two-level cache under test: a near cache in this JVM over one Redis. Its values are versions of the ledger. */
public interface Contender extends AutoCloseable {
    /** What makes contenders; those of the profile {@code heavy} are found as services. */
    interface Maker {
        /** The name in tables and on the command line. */
        String name();

        /** How it is set up, for the table: what its documentation recommends for a cache shared by processes. */
        String setup();

        /**
         * Connects one process.
         *
         * @param redis the server, standalone
         * @param database reads the current version of a key, slowly
         */
        Contender make(URI redis, LongUnaryOperator database);
    }

    /** Returns the version that the cache knows of a key; it asks the database if it has none. */
    long read(long key);

    /** Tells the cache that the database has a new version of a key. Returning is the acknowledgement. */
    void written(long key, long version);

    @Override
    void close();

    /** Returns every maker on the class path. */
    static List<Maker> makers() {
        List<Maker> makers =
                new ArrayList<>(List.of(PentalithContender.MAKER, SketchContender.MAKER, JedisContender.MAKER));
        ServiceLoader.load(Maker.class).forEach(makers::add);
        return makers;
    }

    /**
     * Returns the maker of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Maker maker(String name) {
        return makers().stream()
                .filter(maker -> maker.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("subject must be known: subject=" + name
                        + " (expected: one of "
                        + makers().stream().map(Maker::name).toList() + ")"));
    }
}
