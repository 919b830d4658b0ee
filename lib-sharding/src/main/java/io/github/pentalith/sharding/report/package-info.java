// SPDX-License-Identifier: Apache-2.0
/**
 * How evenly a map spreads real keys, and what happens when a node fails.
 */
@NullMarked
package io.github.pentalith.sharding.report;

import org.jspecify.annotations.NullMarked;
