// SPDX-License-Identifier: Apache-2.0
/**
 * What to do when a call fails, hangs or floods. Start from {@code Pipeline}.
 */
@NullMarked
package io.github.pentalith.resilience;

import org.jspecify.annotations.NullMarked;
