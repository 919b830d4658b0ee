// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The clicks of one code in one database.
 *
 * @param counted those counted there
 * @param carried those counted where the code was before; null if they were not carried over
 */
record Clicks(long counted, @Nullable Long carried) {
    long total() {
        return counted + (carried == null ? 0 : carried);
    }

    static Clicks read(Database database, String code) throws SQLException {
        return database.run(connection -> {
            try (PreparedStatement select =
                    Database.prepare(connection, "SELECT clicks, carried FROM click_count WHERE code = ?")) {
                select.setString(1, code);
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        return new Clicks(0, null);
                    }
                    long counted = row.getLong(1);
                    long carried = row.getLong(2);
                    return new Clicks(counted, row.wasNull() ? null : (Long) carried);
                }
            }
        });
    }
}
