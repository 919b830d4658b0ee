// SPDX-License-Identifier: Apache-2.0
/** Load that is not spread evenly: keys that are asked for most, and tenants that must not harm each other. */
@NullMarked
package io.github.pentalith.sharding.load;

import org.jspecify.annotations.NullMarked;
