// SPDX-License-Identifier: Apache-2.0
/** Simulated scenarios in which the real policies are driven and judged: retry storms and unequal fleets. */
@NullMarked
package io.github.pentalith.benchmarks.scenarios;

import org.jspecify.annotations.NullMarked;
