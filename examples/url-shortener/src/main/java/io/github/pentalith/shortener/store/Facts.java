// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What must never change once it was decided, such as the key of the codes: the first who writes a fact decides, all
 * others read it. In Base64, as databases agree on text more than on bytes.
 */
public final class Facts {
    private final Database database;

    /** The facts in that database. */
    public Facts(Database database) {
        this.database = database;
    }

    /** {@return the fact, which is {@code proposal} if there was none} */
    public byte[] decide(String name, Supplier<byte[]> proposal) throws SQLException {
        Optional<byte[]> known = database.run(connection -> read(connection, name));
        if (known.isPresent()) {
            return known.get();
        }
        byte[] proposed = proposal.get();
        database.insert(connection -> write(connection, name, proposed)); // refused: somebody was faster
        return database.run(connection -> read(connection, name)).orElse(proposed);
    }

    private static Optional<byte[]> read(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = Database.prepare(connection, "SELECT content FROM fact WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(Base64.getDecoder().decode(rows.getString(1))) : Optional.empty();
            }
        }
    }

    private static int write(Connection connection, String name, byte[] content) throws SQLException {
        try (PreparedStatement insert =
                Database.prepare(connection, "INSERT INTO fact (name, content) VALUES (?, ?)")) {
            insert.setString(1, name);
            insert.setString(2, Base64.getEncoder().encodeToString(content));
            return insert.executeUpdate();
        }
    }
}
