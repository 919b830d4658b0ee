// SPDX-License-Identifier: Apache-2.0
/** Values as JSON, by Jackson; an application that uses it brings {@code jackson-databind} 2. */
@NullMarked
package io.github.pentalith.cache.json;

import org.jspecify.annotations.NullMarked;
