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

    /** {@return the code of the user's URL, which is {@code proposal} if it had none} */
    public String claim(String user, String url, String proposal) throws SQLException {
        String hash = hash(url);
        Database database = shards.of(key(user, hash));
        while (true) {
            Optional<String> code = database.run(connection -> read(connection, user, hash));
            if (code.isPresent()) {
                return code.get();
            }
            // Refused: somebody was faster, or our own first try did arrive; so read again.
            if (database.insert(connection -> insert(connection, user, hash, proposal))) {
                return proposal;
            }
        }
    }

    /** Gives the user's URL another code, if it still has that one. */
    public void replace(String user, String url, String code, String next) throws SQLException {
        String hash = hash(url);
        shards.of(key(user, hash)).run(connection -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE url_index SET code = ? WHERE owner = ? AND url_hash = ? AND code = ?")) {
                update.setString(1, next);
                update.setString(2, user);
                update.setString(3, hash);
                update.setString(4, code);
                return update.executeUpdate();
            }
        });
    }

    private static Optional<String> read(Connection connection, String user, String hash) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT code FROM url_index WHERE owner = ? AND url_hash = ?")) {
            select.setString(1, user);
            select.setString(2, hash);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private static int insert(Connection connection, String user, String hash, String code) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO url_index (owner, url_hash, code) VALUES (?, ?, ?)")) {
            insert.setString(1, user);
            insert.setString(2, hash);
            insert.setString(3, code);
            return insert.executeUpdate();
        }
    }

    private static String key(String user, String hash) {
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
