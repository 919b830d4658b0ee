// SPDX-License-Identifier: Apache-2.0
/** Is this process fit to serve? Start from {@link HealthRegistry}. */
@NullMarked
package io.github.pentalith.metrics.health;

import org.jspecify.annotations.NullMarked;
