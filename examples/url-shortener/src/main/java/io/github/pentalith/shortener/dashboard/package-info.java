// SPDX-License-Identifier: Apache-2.0
/** What an operator sees at {@code /} of the front: the whole system of the last two minutes. */
@NullMarked
package io.github.pentalith.shortener.dashboard;

import org.jspecify.annotations.NullMarked;
