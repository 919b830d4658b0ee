// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.shortener.store.Address;
import java.util.stream.IntStream;

/** On four databases of a PostgreSQL. */
class ApiOnPostgresIT extends ApiContract {
    private RealPostgres postgres;

    @Override
    Settings parts(Settings settings) throws Exception {
        postgres = RealPostgres.launch(4);
        return settings.jdbc(IntStream.range(0, 4)
                .mapToObj(i -> Address.jdbc(postgres.url(i)))
                .toList());
    }

    @Override
    void stopParts() throws Exception {
        if (postgres != null) {
            postgres.close();
        }
    }
}
