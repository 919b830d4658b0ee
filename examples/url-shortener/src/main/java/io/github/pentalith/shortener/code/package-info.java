// SPDX-License-Identifier: Apache-2.0
/** From a time-ordered id to a code: the lease of a node number, a keyed permutation, Base62. */
@NullMarked
package io.github.pentalith.shortener.code;

import org.jspecify.annotations.NullMarked;
