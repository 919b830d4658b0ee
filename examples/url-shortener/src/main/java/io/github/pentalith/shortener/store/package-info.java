// SPDX-License-Identifier: Apache-2.0
/** The SQL side: schema, databases with their pipelines, the shard map and the tables. */
@NullMarked
package io.github.pentalith.shortener.store;

import org.jspecify.annotations.NullMarked;
