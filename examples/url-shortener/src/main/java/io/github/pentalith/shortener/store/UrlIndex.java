// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which code a user's URL has, on the shard of (user, URL), which is mostly another than that of the code. The URL
 * stands there as its SHA-256, so that rows are short and two URLs are equal only byte by byte.
 */
public final class UrlIndex {
    private final Shards shards;

    /** The index in those databases. */
    public UrlIndex(Shards shards) {
        this.shards = shards;
    }

    /**
     * An entry as stored.
     *
     * @param version grows with each change
     */
    record Entry(String owner, String urlHash, String code, int version) {
        String key() {
            return UrlIndex.key(owner, urlHash);
        }
    }

    /** {@return the code of the user's URL, which is {@code proposal} if it had none} */
    public String claim(String user, String url, String proposal) throws SQLException {
        Entry entry = new Entry(user, hash(url), proposal, 1);
        return shards.on(entry.key(), places -> {
            while (true) {
                Entry known = read(places.reads(), user, entry.urlHash());
                if (known != null) {
                    return known.code();
                }
                // Refused: somebody was faster, or our own first try did arrive; so read again.
                boolean isNew = places.first().insert(connection -> insert(connection, entry));
                Database second = places.second();
                if (second != null) { // of another one too: who began it may not have come that far
                    Entry there = read(places.first(), user, entry.urlHash());
                    merge(second, there == null ? entry : there);
                } else if (isNew) {
                    return proposal;
                }
            }
        });
    }

    /** Gives the user's URL another code, if it still has that one. */
    public void replace(String user, String url, String code, String next) throws SQLException {
        String hash = hash(url);
        shards.on(key(user, hash), places -> {
            replace(places.first(), user, hash, code, next);
            Database second = places.second();
            if (second != null) {
                Entry entry = read(places.first(), user, hash);
                if (entry != null) {
                    merge(second, entry);
                }
                replace(second, user, hash, code, next);
            }
            return true;
        });
    }

    private static void replace(Database database, String user, String hash, String code, String next)
            throws SQLException {
        database.run(connection -> {
            try (PreparedStatement update = Database.prepare(
                    connection,
                    "UPDATE url_index SET code = ?, version = version + 1"
                            + " WHERE owner = ? AND url_hash = ? AND code = ?")) {
                update.setString(1, next);
                update.setString(2, user);
                update.setString(3, hash);
                update.setString(4, code);
                return update.executeUpdate();
            }
        });
    }

    /** Brings an entry to a further place; of two the later one stays. */
    static void merge(Database database, Entry entry) throws SQLException {
        boolean isNew = database.insert(connection -> insert(connection, entry));
        if (!isNew) {
            database.run(connection -> {
                try (PreparedStatement update = Database.prepare(
                        connection,
                        "UPDATE url_index SET code = ?, version = ? WHERE owner = ? AND url_hash = ? AND version < ?")) {
                    update.setString(1, entry.code());
                    update.setInt(2, entry.version());
                    update.setString(3, entry.owner());
                    update.setString(4, entry.urlHash());
                    update.setInt(5, entry.version());
                    return update.executeUpdate();
                }
            });
        }
    }

    static @Nullable Entry read(Database database, String user, String hash) throws SQLException {
        Optional<Entry> found = database.run(connection -> {
            try (PreparedStatement select = Database.prepare(
                    connection,
                    "SELECT owner, url_hash, code, version FROM url_index WHERE owner = ? AND url_hash = ?")) {
                select.setString(1, user);
                select.setString(2, hash);
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next() ? Optional.of(entry(rows)) : Optional.<Entry>empty();
                }
            }
        });
        return found.orElse(null);
    }

    static Entry entry(ResultSet rows) throws SQLException {
        return new Entry(rows.getString(1), rows.getString(2), rows.getString(3), rows.getInt(4));
    }

    static int insert(Connection connection, Entry entry) throws SQLException {
        try (PreparedStatement insert = Database.prepare(
                connection, "INSERT INTO url_index (owner, url_hash, code, version) VALUES (?, ?, ?, ?)")) {
            insert.setString(1, entry.owner());
            insert.setString(2, entry.urlHash());
            insert.setString(3, entry.code());
            insert.setInt(4, entry.version());
            return insert.executeUpdate();
        }
    }

    static String key(String user, String hash) {
        return user + ' ' + hash; // a user id has no space
    }

    private static String hash(String url) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(url.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
