// SPDX-License-Identifier: Apache-2.0
/**
 * Virtual time, statistics and real servers for tests.
 */
@NullMarked
package io.github.pentalith.testkit;

import org.jspecify.annotations.NullMarked;
