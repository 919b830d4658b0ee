// SPDX-License-Identifier: Apache-2.0
/** What a link is, the rules for URL and alias; creating, resolving and deleting. */
@NullMarked
package io.github.pentalith.shortener.link;

import org.jspecify.annotations.NullMarked;
