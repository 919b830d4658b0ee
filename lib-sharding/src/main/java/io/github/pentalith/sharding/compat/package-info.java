// SPDX-License-Identifier: Apache-2.0
/** Places keys bit for bit as other products do, to live with them or to leave them. */
@NullMarked
package io.github.pentalith.sharding.compat;

import org.jspecify.annotations.NullMarked;
