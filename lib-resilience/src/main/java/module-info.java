// SPDX-License-Identifier: Apache-2.0
/** What to do when a call fails, hangs or floods. */
module io.github.pentalith.resilience {
    requires org.slf4j;
    requires static org.jspecify;

    exports io.github.pentalith.resilience;
}
