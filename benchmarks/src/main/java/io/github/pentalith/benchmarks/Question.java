// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A question that one JMH class answers for all its subjects. Who answers is the JMH parameter {@code subject}, so that
 * ours and the peers run the very same loop.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Question {
    /** The library whose file of results gets the rows, such as {@code sharding}. */
    String library();

    /** A short name, unique in all libraries, used in gates and file names. */
    String id();

    /** The question in words. */
    String title();

    /** The subject to which ratios are taken: the least that could possibly do the job, or the best-known peer. */
    String floor();

    /** How many threads ask at once. */
    int[] threads() default {1, 2};

    /** Trials that take too long or say nothing, such as {@code guava .*nodes=100000}: a regular expression. */
    String without() default "";

    /** True if the operation waits for something else, such as a server: bursts in turn, and wall time counts. */
    boolean waits() default false;
}
