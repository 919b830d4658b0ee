// SPDX-License-Identifier: Apache-2.0
/** {@code --demo}: a minute of traffic while parts fail, and what clients noticed of it. */
@NullMarked
package io.github.pentalith.shortener.demo;

import org.jspecify.annotations.NullMarked;
