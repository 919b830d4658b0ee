// SPDX-License-Identifier: Apache-2.0
/** Is it good enough? Objectives, error budgets and the arithmetic of availability. */
@NullMarked
package io.github.pentalith.metrics.slo;

import org.jspecify.annotations.NullMarked;
