// SPDX-License-Identifier: Apache-2.0
/** {@code --plan}: how many servers a load needs, and how often the whole is away. */
@NullMarked
package io.github.pentalith.shortener.plan;

import org.jspecify.annotations.NullMarked;
