// SPDX-License-Identifier: Apache-2.0
/**
 * What moves from one map to the next, and how to move it while reads and writes go on.
 */
@NullMarked
package io.github.pentalith.sharding.migrate;

import org.jspecify.annotations.NullMarked;
