// SPDX-License-Identifier: Apache-2.0
/** Caches in several JVMs under writes and faults: which of them serve values that are older than they may be? */
@NullMarked
package io.github.pentalith.benchmarks.coherence;

import org.jspecify.annotations.NullMarked;
