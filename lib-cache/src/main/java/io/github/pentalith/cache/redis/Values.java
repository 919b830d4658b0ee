// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server holds under some keys, and its time in milliseconds when it had read them. */
record Values(List<byte @Nullable []> stored, long nowMillis) {}
