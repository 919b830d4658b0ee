// SPDX-License-Identifier: Apache-2.0
/**
 * A two-level cache that does not lie. Start from {@code TieredCache}.
 */
@NullMarked
package io.github.pentalith.cache;

import org.jspecify.annotations.NullMarked;
