// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@link Routing} in the first database, who follows it, and in every database a mark of the version that is in
 * force there: who has not heard of a change for a while finds it by the mark.
 */
public final class RoutingTable {
    private static final String ROUTING = "links";
    private static final String MARK = "mark";

    private final Database first;

    /** The routing in that database. */
    public RoutingTable(Database first) {
        this.first = first;
    }

    /**
     * One who follows the routing.
     *
     * @param owner random, new at each start
     * @param name for people
     * @param version the version it has entered, with all work under earlier ones finished
     * @param halfDone how many of its writes may be in one of two places only
     * @param beat grows with each sign of life
     */
    public record Member(String owner, String name, long version, long halfDone, long beat) {}

    /** {@return the routing, which is {@code proposal} if there was none} */
    Routing decide(Routing proposal) throws SQLException {
        if (version() == 0) {
            first.insert(connection -> insert(connection, ROUTING, proposal.version(), proposal.content()));
        }
        return read();
    }

    /** {@return the version in force, 0 if there is none} */
    long version() throws SQLException {
        return first.run(connection -> version(connection, ROUTING));
    }

    /** {@return the routing in force} */
    public Routing read() throws SQLException {
        return first.run(connection -> {
            try (PreparedStatement select = Database.prepare(
                    connection, "SELECT version, content FROM routing WHERE name = '" + ROUTING + "'")) {
                try (ResultSet row = select.executeQuery()) {
                    if (!row.next()) {
                        throw new MisfitException("the stored shard map is gone");
                    }
                    return Routing.of(row.getLong(1), row.getString(2));
                }
            }
        });
    }

    /** {@return whether the routing was changed from that version to the next: false if somebody else was faster} */
    public boolean swap(long version, Routing next) throws SQLException {
        return first.run(connection -> {
            try (PreparedStatement update = Database.prepare(
                    connection,
                    "UPDATE routing SET version = ?, content = ? WHERE name = '" + ROUTING + "' AND version = ?")) {
                update.setLong(1, next.version());
                update.setString(2, next.content());
                update.setLong(3, version);
                return update.executeUpdate() == 1;
            }
        });
    }

    /** Keeps the progress of a resharding, and {@return whether its version is still in force} */
    public boolean save(Routing routing) throws SQLException {
        return first.run(connection -> {
            try (PreparedStatement update = Database.prepare(
                    connection, "UPDATE routing SET content = ? WHERE name = '" + ROUTING + "' AND version = ?")) {
                update.setString(1, routing.content());
                update.setLong(2, routing.version());
                return update.executeUpdate() == 1;
            }
        });
    }

    /** Marks the version in a database, if a later one is not there yet. */
    public void mark(Database database, long version) throws SQLException {
        boolean isNew = database.insert(connection -> insert(connection, MARK, version, ""));
        if (!isNew) {
            database.run(connection -> {
                try (PreparedStatement update = Database.prepare(
                        connection, "UPDATE routing SET version = ? WHERE name = '" + MARK + "' AND version < ?")) {
                    update.setLong(1, version);
                    update.setLong(2, version);
                    return update.executeUpdate();
                }
            });
        }
    }

    /** {@return the version marked in a database, 0 if there never was a change} */
    static long mark(Database database) throws SQLException {
        return database.run(connection -> version(connection, MARK));
    }

    /** Lets a transaction of the mover pass only while its version is in force; it then stays so until the commit. */
    static void requireMark(Connection connection, long version) throws SQLException {
        try (PreparedStatement select = Database.prepare(
                        connection, "SELECT version FROM routing WHERE name = '" + MARK + "' FOR UPDATE");
                ResultSet row = select.executeQuery()) {
            long now = row.next() ? row.getLong(1) : 0;
            if (now != version) {
                throw new SupersededException(version, now);
            }
        }
    }

    private static long version(Connection connection, String name) throws SQLException {
        try (PreparedStatement select = Database.prepare(connection, "SELECT version FROM routing WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0L;
            }
        }
    }

    private static int insert(Connection connection, String name, long version, String content) throws SQLException {
        // Asked first, as a refused insertion is noise in a server's log.
        if (version(connection, name) != 0) {
            throw new SQLException("there already", "23505");
        }
        try (PreparedStatement insert =
                Database.prepare(connection, "INSERT INTO routing (name, version, content) VALUES (?, ?, ?)")) {
            insert.setString(1, name);
            insert.setLong(2, version);
            insert.setString(3, content);
            return insert.executeUpdate();
        }
    }

    /** A sign of life; {@return whether the member is still on the list} */
    boolean renew(String owner, long version, long halfDone) throws SQLException {
        return first.run(connection -> {
            try (PreparedStatement update = Database.prepare(
                    connection,
                    "UPDATE routing_member SET version = ?, half_done = ?, beat = beat + 1 WHERE owner = ?")) {
                update.setLong(1, version);
                update.setLong(2, halfDone);
                update.setString(3, owner);
                return update.executeUpdate() == 1;
            }
        });
    }

    /** A sign of life of one who may have to be put on the list, as he follows the version in force. */
    void beat(String owner, String name, long version, long halfDone) throws SQLException {
        if (!renew(owner, version, halfDone)) {
            first.insert(connection -> {
                try (PreparedStatement insert = Database.prepare(
                        connection,
                        "INSERT INTO routing_member (owner, name, version, half_done, beat) VALUES (?, ?, ?, ?, 1)")) {
                    insert.setString(1, owner);
                    insert.setString(2, name);
                    insert.setLong(3, version);
                    insert.setLong(4, halfDone);
                    return insert.executeUpdate();
                }
            });
        }
    }

    /** {@return all who follow} */
    public List<Member> members() throws SQLException {
        return first.run(connection -> {
            try (PreparedStatement select = Database.prepare(
                            connection,
                            "SELECT owner, name, version, half_done, beat FROM routing_member ORDER BY name");
                    ResultSet row = select.executeQuery()) {
                List<Member> members = new ArrayList<>();
                while (row.next()) {
                    members.add(new Member(
                            row.getString(1), row.getString(2), row.getLong(3), row.getLong(4), row.getLong(5)));
                }
                return members;
            }
        });
    }

    /** Takes one off the list who is gone. */
    public void remove(String owner) throws SQLException {
        first.run(connection -> {
            try (PreparedStatement delete =
                    Database.prepare(connection, "DELETE FROM routing_member WHERE owner = ?")) {
                delete.setString(1, owner);
                return delete.executeUpdate();
            }
        });
    }

    /** Remembers where a shard is that is not among the flags; null for where this program keeps its own. */
    public void remember(String id, Optional<Address> address) throws SQLException {
        String text = address.map(Address::reveal).orElse("");
        boolean isNew = first.insert(connection -> {
            try (PreparedStatement insert =
                    Database.prepare(connection, "INSERT INTO shard_address (id, url) VALUES (?, ?)")) {
                insert.setString(1, id);
                insert.setString(2, text);
                return insert.executeUpdate();
            }
        });
        if (!isNew) {
            first.run(connection -> {
                try (PreparedStatement update =
                        Database.prepare(connection, "UPDATE shard_address SET url = ? WHERE id = ?")) {
                    update.setString(1, text);
                    update.setString(2, id);
                    return update.executeUpdate();
                }
            });
        }
    }

    /** {@return the shards that were added while the service ran; without an address, where this program keeps its own} */
    Map<String, Optional<Address>> remembered() throws SQLException {
        return first.run(connection -> {
            try (PreparedStatement select = Database.prepare(connection, "SELECT id, url FROM shard_address");
                    ResultSet row = select.executeQuery()) {
                Map<String, Optional<Address>> added = new LinkedHashMap<>();
                while (row.next()) {
                    String text = row.getString(2);
                    added.put(row.getString(1), text.isEmpty() ? Optional.empty() : Optional.of(Address.of(text)));
                }
                return added;
            }
        });
    }
}
