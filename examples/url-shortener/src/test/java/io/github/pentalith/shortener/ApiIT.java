// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

/** On the parts that the service brings itself: H2 and a Redis. */
class ApiIT extends ApiContract {
    @Override
    Settings parts(Settings settings) {
        return settings;
    }
}
