// SPDX-License-Identifier: Apache-2.0
/**
 * What is going on, and whether it is good enough. Start from {@code MetricRegistry}.
 */
@NullMarked
package io.github.pentalith.metrics;

import org.jspecify.annotations.NullMarked;
