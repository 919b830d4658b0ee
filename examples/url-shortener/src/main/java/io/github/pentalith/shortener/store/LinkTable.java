// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.shortener.link.Link;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Links and their clicks, each on the shard of its code. Everything but the counting may be repeated. */
public final class LinkTable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkTable.class);
    private static final String COLUMNS =
            "code, long_url, owner, created_ms, expires_s, expires_ns, permanent, deletion";

    static final String SELECT_ROWS = "SELECT link.code AS code, long_url, owner, created_ms, expires_s, expires_ns,"
            + " permanent, deletion, COALESCE(clicks, 0) + COALESCE(carried, 0) AS clicks"
            + " FROM link LEFT JOIN click_count ON click_count.code = link.code ";

    private final Shards shards;

    /** The links in those databases. */
    public LinkTable(Shards shards) {
        this.shards = shards;
    }

    /**
     * A link as stored.
     *
     * @param deletion what deleted it; null while it lives
     * @param clicks how often it was followed, as far as written
     */
    public record Row(Link link, @Nullable String deletion, long clicks) {
        /** {@return whether it was not deleted} */
        public boolean lives() {
            return deletion == null;
        }
    }

    /** {@return whether the link was stored: false if its code is in use, or was} */
    public boolean insert(Link link) throws SQLException {
        Row row = new Row(link, null, 0);
        return shards.on(link.code(), places -> {
            boolean stored = places.first().insert(connection -> insert(connection, row));
            Database second = places.second();
            if (second == null) {
                return stored;
            }
            Row there = stored ? row : read(places.first(), link.code());
            if (there == null) {
                return false;
            }
            merge(second, there); // of another one too: who began it may not have come that far
            Row now = stored ? read(second, link.code()) : null;
            return now != null && now.link().equals(link); // else it was made there first, by a node one step ahead
        });
    }

    /** Brings a row to a further place; the one that is there stays, but for a deletion. */
    static void merge(Database database, Row row) throws SQLException {
        boolean isNew = database.insert(connection -> insert(connection, row));
        String deletion = row.deletion();
        if (!isNew && deletion != null) {
            delete(database, row.link().code(), deletion);
        }
    }

    static int insert(Connection connection, Row row) throws SQLException {
        Link link = row.link();
        try (PreparedStatement insert = Database.prepare(
                        connection, "INSERT INTO link (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
                PreparedStatement count =
                        Database.prepare(connection, "INSERT INTO click_count (code, clicks) VALUES (?, 0)")) {
            Instant expiresAt = link.expiresAt();
            insert.setString(1, link.code());
            insert.setString(2, link.longUrl());
            insert.setString(3, link.owner());
            insert.setLong(4, link.createdAt().toEpochMilli());
            insert.setObject(5, expiresAt == null ? null : expiresAt.getEpochSecond(), Types.BIGINT);
            insert.setObject(6, expiresAt == null ? null : expiresAt.getNano(), Types.INTEGER);
            insert.setBoolean(7, link.permanent());
            insert.setString(8, row.deletion());
            insert.executeUpdate();
            count.setString(1, link.code());
            return count.executeUpdate();
        }
    }

    /** {@return the link of a code, null if there is none or it was deleted} */
    public @Nullable Link find(String code) throws SQLException {
        Optional<Link> found = shards.on(
                code,
                places -> places.reads().run(connection -> {
                    try (PreparedStatement select = Database.prepare(
                            connection, "SELECT " + COLUMNS + " FROM link WHERE code = ? AND deletion IS NULL")) {
                        select.setString(1, code);
                        try (ResultSet rows = select.executeQuery()) {
                            return rows.next() ? Optional.of(link(rows)) : Optional.<Link>empty();
                        }
                    }
                }));
        return found.orElse(null);
    }

    /** {@return the row of a code with its clicks, deleted or not; null if there is none} */
    public @Nullable Row read(String code) throws SQLException {
        Optional<Row> found = shards.on(code, places -> {
            Row row = read(places.reads(), code);
            boolean here = places.clicks() == places.reads() && places.clicksBefore() == null;
            return row == null || here
                    ? Optional.ofNullable(row)
                    : Optional.of(new Row(row.link(), row.deletion(), clicks(places, code)));
        });
        return found.orElse(null);
    }

    static @Nullable Row read(Database database, String code) throws SQLException {
        Optional<Row> found = database.run(connection -> {
            try (PreparedStatement select = Database.prepare(connection, SELECT_ROWS + "WHERE link.code = ?")) {
                select.setString(1, code);
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next() ? Optional.of(row(rows)) : Optional.<Row>empty();
                }
            }
        });
        return found.orElse(null);
    }

    static Row row(ResultSet rows) throws SQLException {
        return new Row(link(rows), rows.getString("deletion"), rows.getLong("clicks"));
    }

    /** While a code moves: what was counted here and, if it was not carried over yet, there. */
    private static long clicks(Places places, String code) throws SQLException {
        Database old = places.clicksBefore();
        // The old place first: when it is empty, the new one has all.
        long before = old == null ? 0 : Clicks.read(old, code).total();
        Clicks now = Clicks.read(places.clicks(), code);
        Long carried = now.carried();
        return now.counted() + (carried == null ? before : carried);
    }

    private static Link link(ResultSet row) throws SQLException {
        long seconds = row.getLong("expires_s");
        Instant expiresAt = row.wasNull() ? null : Instant.ofEpochSecond(seconds, row.getInt("expires_ns"));
        return new Link(
                row.getString("code"),
                row.getString("long_url"),
                row.getString("owner"),
                Instant.ofEpochMilli(row.getLong("created_ms")),
                expiresAt,
                row.getBoolean("permanent"));
    }

    /**
     * Deletes a link.
     *
     * @param deletion names this deletion, so that a repetition finds its own work
     * @return whether this deletion deleted it: false if there is none, or another one came first
     */
    public boolean delete(String code, String deletion) throws SQLException {
        return shards.on(code, places -> {
            boolean deleted = delete(places.first(), code, deletion);
            Database second = places.second();
            if (second != null) {
                Row row = read(places.first(), code);
                if (row != null) {
                    merge(second, row);
                }
                deleted |=
                        delete(second, code, deletion); // also if the link was made there only, or not all of the way
            }
            return deleted;
        });
    }

    private static boolean delete(Database database, String code, String deletion) throws SQLException {
        return database.run(connection -> {
            try (PreparedStatement update = Database.prepare(
                    connection, "UPDATE link SET deletion = ? WHERE code = ? AND (deletion IS NULL OR deletion = ?)")) {
                update.setString(1, deletion);
                update.setString(2, code);
                update.setString(3, deletion);
                return update.executeUpdate() == 1;
            }
        });
    }

    /** Adds clicks and {@return those that could not be written}; a database that is away delays its own only. */
    public Map<String, Long> addClicks(Map<String, Long> clicksByCode) {
        Map<String, Long> left = new HashMap<>();
        shards.onClicks(clicksByCode.keySet(), (database, codes) -> {
            try {
                database.once(connection -> addClicks(connection, codes, clicksByCode));
            } catch (SQLException | RuntimeException e) {
                LOG.warn("Clicks of {} links could not be written and wait", codes.size(), e);
                codes.forEach(code -> left.put(code, clicksByCode.getOrDefault(code, 0L)));
            }
        });
        return left;
    }

    private static int addClicks(Connection connection, List<String> codes, Map<String, Long> clicks)
            throws SQLException {
        try (PreparedStatement update =
                Database.prepare(connection, "UPDATE click_count SET clicks = clicks + ? WHERE code = ?")) {
            for (String code : codes.stream().sorted().toList()) { // one order for all nodes, so no deadlocks
                update.setLong(1, clicks.getOrDefault(code, 0L));
                update.setString(2, code);
                update.addBatch();
            }
            return update.executeBatch().length;
        }
    }
}
