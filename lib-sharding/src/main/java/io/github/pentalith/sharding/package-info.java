// SPDX-License-Identifier: Apache-2.0
/**
 * Where a key lives, and what moves when that changes. Start from {@code ShardMap}.
 */
@NullMarked
package io.github.pentalith.sharding;

import org.jspecify.annotations.NullMarked;
