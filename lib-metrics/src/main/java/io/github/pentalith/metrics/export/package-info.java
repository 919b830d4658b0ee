// SPDX-License-Identifier: Apache-2.0
/** Metrics as text for Prometheus and everything that reads its formats. */
@NullMarked
package io.github.pentalith.metrics.export;

import org.jspecify.annotations.NullMarked;
