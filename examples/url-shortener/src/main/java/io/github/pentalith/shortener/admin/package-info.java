// SPDX-License-Identifier: Apache-2.0
/** What operators change while the service runs: shards are added on a listener of its own. */
@NullMarked
package io.github.pentalith.shortener.admin;

import org.jspecify.annotations.NullMarked;
