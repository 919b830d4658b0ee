// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.List;

/** Questions of a Maven profile, found as a service. */
public interface MoreQuestions {
    /** JMH classes, annotated with {@link Question}. */
    List<Class<?>> questions();
}
