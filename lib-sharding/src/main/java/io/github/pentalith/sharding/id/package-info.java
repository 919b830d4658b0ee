// SPDX-License-Identifier: Apache-2.0
/**
 * Unique, time-ordered ids made without coordination, and their short text form.
 */
@NullMarked
package io.github.pentalith.sharding.id;

import org.jspecify.annotations.NullMarked;
