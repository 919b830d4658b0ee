// SPDX-License-Identifier: Apache-2.0
/** One application node: its parts and its HTTP face. */
@NullMarked
package io.github.pentalith.shortener.node;

import org.jspecify.annotations.NullMarked;
