// SPDX-License-Identifier: Apache-2.0
/** Clicks, counted in memory and written in batches. */
@NullMarked
package io.github.pentalith.shortener.click;

import org.jspecify.annotations.NullMarked;
