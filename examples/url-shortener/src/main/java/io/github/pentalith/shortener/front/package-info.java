// SPDX-License-Identifier: Apache-2.0
/** The reverse proxy before the nodes. */
@NullMarked
package io.github.pentalith.shortener.front;

import org.jspecify.annotations.NullMarked;
