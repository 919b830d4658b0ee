// SPDX-License-Identifier: Apache-2.0
/**
 * Which endpoint takes a call. Start from {@code LoadBalancer}.
 */
@NullMarked
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.NullMarked;
