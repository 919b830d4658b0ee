// SPDX-License-Identifier: Apache-2.0
/** How many endpoints there should be: capacity arithmetic, the decision to scale, and the loop that carries it out. */
@NullMarked
package io.github.pentalith.loadbalance.scaling;

import org.jspecify.annotations.NullMarked;
