// SPDX-License-Identifier: Apache-2.0
/** A thin, bounded layer over the JDK's HttpServer: routes, problems, JSON. */
@NullMarked
package io.github.pentalith.shortener.http;

import org.jspecify.annotations.NullMarked;
