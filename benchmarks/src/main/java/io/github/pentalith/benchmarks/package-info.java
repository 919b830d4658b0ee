// SPDX-License-Identifier: Apache-2.0
/** Runs the benchmarks and judges their results; the questions are in the sub-packages. */
@NullMarked
package io.github.pentalith.benchmarks;

import org.jspecify.annotations.NullMarked;
