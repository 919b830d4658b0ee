// SPDX-License-Identifier: Apache-2.0
/** A URL shortener on all five libraries; {@code Main} starts it, {@code Shortener} puts it together. */
@NullMarked
package io.github.pentalith.shortener;

import org.jspecify.annotations.NullMarked;
