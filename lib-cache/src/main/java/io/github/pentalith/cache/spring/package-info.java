// SPDX-License-Identifier: Apache-2.0
/**
 * Spring's cache abstraction over {@link io.github.pentalith.cache.TieredCache}; an application that uses it brings
 * {@code spring-context} 6.1 or later.
 */
@NullMarked
package io.github.pentalith.cache.spring;

import org.jspecify.annotations.NullMarked;
