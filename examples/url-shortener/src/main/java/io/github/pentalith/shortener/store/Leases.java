// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.shortener.code.LeaseTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Node numbers in the table {@code node_lease}. Every change of a row compares what it replaces. */
public final class Leases implements LeaseTable {
    private static final int NUMBERS = 1_024;

    private final Database database;

    /** The leases in that database. */
    public Leases(Database database) {
        this.database = database;
    }

    @Override
    public @Nullable Claim claim(String owner, long now, long until) throws SQLException {
        for (int attempt = 0; attempt < NUMBERS; attempt++) { // each lost race means that another node got a number
            Claim free = database.run(connection -> free(connection, now));
            if (free.number() >= NUMBERS) {
                return null;
            }
            if (free.usedUntil() == NEVER ? insert(free.number(), owner, until) : take(free, owner, until)) {
                return free.usedUntil() == NEVER ? new Claim(free.number(), 0) : free;
            }
        }
        return null;
    }

    /** Stands for a number without a row. */
    private static final long NEVER = -1;

    private static Claim free(Connection connection, long now) throws SQLException {
        try (PreparedStatement select = Database.prepare(
                connection, "SELECT number, until_ms FROM node_lease WHERE until_ms < ? ORDER BY number LIMIT 1")) {
            select.setLong(1, now);
            try (ResultSet rows = select.executeQuery()) {
                if (rows.next()) {
                    return new Claim(rows.getInt(1), rows.getLong(2));
                }
            }
        }
        try (PreparedStatement select =
                        Database.prepare(connection, "SELECT COALESCE(MAX(number), -1) + 1 FROM node_lease");
                ResultSet rows = select.executeQuery()) {
            rows.next();
            return new Claim(rows.getInt(1), NEVER);
        }
    }

    private boolean insert(int number, String owner, long until) throws SQLException {
        return database.insert(connection -> {
            try (PreparedStatement insert =
                    Database.prepare(connection, "INSERT INTO node_lease (number, owner, until_ms) VALUES (?, ?, ?)")) {
                insert.setInt(1, number);
                insert.setString(2, owner);
                insert.setLong(3, until);
                return insert.executeUpdate();
            }
        });
    }

    private boolean take(Claim free, String owner, long until) throws SQLException {
        return database.run(connection -> {
            try (PreparedStatement update = Database.prepare(
                    connection, "UPDATE node_lease SET owner = ?, until_ms = ? WHERE number = ? AND until_ms = ?")) {
                update.setString(1, owner);
                update.setLong(2, until);
                update.setInt(3, free.number());
                update.setLong(4, free.usedUntil());
                return update.executeUpdate() == 1;
            }
        });
    }

    @Override
    public boolean renew(int number, String owner, long until) throws SQLException {
        return database.run(connection -> {
            try (PreparedStatement update =
                    Database.prepare(connection, "UPDATE node_lease SET until_ms = ? WHERE number = ? AND owner = ?")) {
                update.setLong(1, until);
                update.setInt(2, number);
                update.setString(3, owner);
                return update.executeUpdate() == 1;
            }
        });
    }
}
