// SPDX-License-Identifier: Apache-2.0
/**
 * Redis as the remote level. A modular application that uses this package requires {@code redis.clients.jedis} itself.
 */
@NullMarked
package io.github.pentalith.cache.redis;

import org.jspecify.annotations.NullMarked;
