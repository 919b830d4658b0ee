// SPDX-License-Identifier: Apache-2.0
/** Metrics of the other libraries and of the JVM under fixed names. */
@NullMarked
package io.github.pentalith.metrics.bind;

import org.jspecify.annotations.NullMarked;
