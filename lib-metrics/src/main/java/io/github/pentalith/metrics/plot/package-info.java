// SPDX-License-Identifier: Apache-2.0
/** Distributions as text. */
@NullMarked
package io.github.pentalith.metrics.plot;

import org.jspecify.annotations.NullMarked;
