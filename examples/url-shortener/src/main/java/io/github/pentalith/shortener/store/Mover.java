// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.migrate.MigrationPlan;
import io.github.pentalith.sharding.migrate.Move;
import io.github.pentalith.sharding.migrate.Resharding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Moves rows to the shard that is being added: copies, compares, carries clicks over, removes what is left behind.
 *
 * <p>Each of these may be done twice, and while clients write. A row that is in the new place already is newer or the
 * same. Whatever is written by a transaction that finds, by the mark in the database, the routing changed, is not written.
 */
public final class Mover {
    private static final int BATCH = 500;

    private final long version;
    private final Resharding<String> resharding;
    private final MigrationPlan<String> plan;
    private final Map<String, Database> databases;
    private final Database target;
    private final Progress progress;

    /** Hears how many rows were done. Called by the thread that moves. */
    public interface Progress {
        /** So many rows were read in the databases that keys come from; throws to end the work. */
        void scanned(long rows);

        /** So many rows were brought to the new place, or brought again because they differed. */
        void moved(long rows);
    }

    /**
     * A mover for a routing with a resharding.
     *
     * @param databases all of them, by their ids
     * @param target the one being added
     */
    public Mover(Routing routing, Map<String, Database> databases, Database target, Progress progress) {
        this.version = routing.version();
        this.resharding = routing.copy();
        this.plan = resharding.plan();
        this.databases = databases;
        this.target = target;
        this.progress = progress;
    }

    /** A table whose rows move: how to read, find, compare and write them. */
    private record Kind<R>(
            String select,
            String columns,
            int parts,
            Reader<R> reader,
            Function<R, String> key,
            Function<R, Object> content,
            Find<R> find,
            Write<R> insert,
            Merge<R> merge) {}

    private interface Reader<R> {
        R of(ResultSet row) throws SQLException;
    }

    private interface Find<R> {
        @Nullable
        R in(Database database, R row) throws SQLException;
    }

    private interface Write<R> {
        int to(Connection connection, R row) throws SQLException;
    }

    private interface Merge<R> {
        void to(Database database, R row) throws SQLException;
    }

    private static final Kind<LinkTable.Row> LINKS = new Kind<>(
            LinkTable.SELECT_ROWS,
            "link.code",
            1,
            LinkTable::row,
            row -> row.link().code(),
            row -> List.of(row.link(), String.valueOf(row.deletion())),
            (database, row) -> LinkTable.read(database, row.link().code()),
            LinkTable::insert,
            LinkTable::merge);

    private static final Kind<UrlIndex.Entry> ENTRIES = new Kind<>(
            "SELECT owner, url_hash, code, version FROM url_index ",
            "owner, url_hash",
            2,
            UrlIndex::entry,
            UrlIndex.Entry::key,
            entry -> entry,
            (database, entry) -> UrlIndex.read(database, entry.owner(), entry.urlHash()),
            UrlIndex::insert,
            UrlIndex::merge);

    /** {@return the databases that keys move away from} */
    public List<String> sources() {
        return plan.moves().stream().map(Move::from).map(Node::id).distinct().toList();
    }

    /** {@return the rows in the databases that keys move away from; each is looked at once} */
    public long rows() throws SQLException {
        long rows = 0;
        for (String source : sources()) {
            rows += count(database(source));
        }
        return rows;
    }

    /** {@return the rows of a database that can move} */
    public static long count(Database database) throws SQLException {
        return count(database, "SELECT (SELECT COUNT(*) FROM link) + (SELECT COUNT(*) FROM url_index)");
    }

    /** {@return the links in a database, but for deleted ones} */
    public static long links(Database database) throws SQLException {
        return count(database, "SELECT COUNT(*) FROM link WHERE deletion IS NULL");
    }

    private static long count(Database database, String sql) throws SQLException {
        return database.run(connection -> {
            try (PreparedStatement select = Database.prepare(connection, sql);
                    ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** Copies what moves away from one database, and {@return the resharding with its moves reported as copied} */
    public Resharding<String> copy(String source) throws SQLException {
        scan(LINKS, database(source), rows -> write(LINKS, rows));
        scan(ENTRIES, database(source), rows -> write(ENTRIES, rows));
        plan.moves().stream().filter(move -> move.from().id().equals(source)).forEach(resharding::copied);
        return resharding;
    }

    /**
     * Compares old and new places and mends what differs: the half-done writes of nodes that failed.
     *
     * @return how many rows differed
     */
    public long reconcile() throws SQLException {
        long[] mended = {0};
        for (String source : sources()) {
            Database old = database(source);
            scan(LINKS, old, rows -> mended[0] += mend(LINKS, old, rows));
            scan(ENTRIES, old, rows -> mended[0] += mend(ENTRIES, old, rows));
        }
        return mended[0];
    }

    /** Reports all moves as verified, and {@return the resharding} */
    public Resharding<String> verified() {
        plan.moves().forEach(resharding::verified);
        return resharding;
    }

    /** Makes sure that the new place has nothing that the old one has not: writes arrive in the old one first. */
    public void requireNothingMore() throws SQLException {
        requireInOld(LINKS);
        requireInOld(ENTRIES);
    }

    private <R> void requireInOld(Kind<R> kind) throws SQLException {
        pages(kind, target, rows -> {
            for (R row : rows) {
                String key = kind.key().apply(row);
                Database old = database(plan.from().locate(key).id());
                if (old == target || kind.find().in(old, row) == null) {
                    throw new IllegalStateException("the new place has a row that the old one has not: " + key);
                }
            }
        });
    }

    private <R> int mend(Kind<R> kind, Database old, List<R> rows) throws SQLException {
        Map<String, R> there = find(kind, rows);
        int mended = 0;
        for (R row : rows) {
            if (!same(kind, row, there.get(kind.key().apply(row)))) {
                mended++;
                mend(kind, old, row);
            }
        }
        progress.moved(mended);
        return mended;
    }

    private <R> void mend(Kind<R> kind, Database old, R seen) throws SQLException {
        for (int round = 0; round < 10; round++) { // a write under way may come in between
            R row = kind.find().in(old, seen);
            if (row == null || same(kind, row, kind.find().in(target, row))) {
                return;
            }
            guarded();
            kind.merge().to(target, row);
        }
        throw new IllegalStateException(
                "old and new place do not become equal: " + kind.key().apply(seen));
    }

    private static <R> boolean same(Kind<R> kind, R row, @Nullable R other) {
        return other != null && kind.content().apply(row).equals(kind.content().apply(other));
    }

    private <R> void write(Kind<R> kind, List<R> rows) throws SQLException {
        Map<String, R> there = find(kind, rows);
        List<R> missing = new ArrayList<>();
        List<R> present = new ArrayList<>();
        for (R row : rows) {
            R other = there.get(kind.key().apply(row));
            if (other == null) {
                missing.add(row);
            } else if (!same(kind, row, other)) {
                present.add(row);
            }
        }
        boolean all = target.insert(connection -> {
            RoutingTable.requireMark(connection, version);
            for (R row : missing) {
                kind.insert().to(connection, row);
            }
            return missing.size();
        });
        if (!all) { // a client wrote one of them meanwhile
            present.addAll(missing);
        }
        for (R row : present) {
            guarded();
            kind.merge().to(target, row);
        }
        progress.moved(rows.size());
    }

    private void guarded() throws SQLException {
        target.run(connection -> {
            RoutingTable.requireMark(connection, version);
            return true;
        });
    }

    private <R> Map<String, R> find(Kind<R> kind, List<R> rows) throws SQLException {
        if (rows.isEmpty()) {
            return Map.of();
        }
        String one = kind.parts() == 1 ? "?" : "(?, ?)";
        String where =
                "(" + kind.columns() + ") IN (" + rows.stream().map(row -> one).collect(Collectors.joining(", ")) + ")";
        return target.run(connection -> {
            try (PreparedStatement select = Database.prepare(connection, kind.select() + "WHERE " + where)) {
                int place = 1;
                for (R row : rows) {
                    for (String part : parts(kind.key().apply(row), kind.parts())) {
                        select.setString(place++, part);
                    }
                }
                Map<String, R> found = new HashMap<>();
                try (ResultSet result = select.executeQuery()) {
                    while (result.next()) {
                        R row = kind.reader().of(result);
                        found.put(kind.key().apply(row), row);
                    }
                }
                return found;
            }
        });
    }

    private static String[] parts(String key, int parts) {
        return parts == 1 ? new String[] {key} : key.split(" ", parts);
    }

    private interface Rows<R> {
        void accept(List<R> rows) throws SQLException;
    }

    /** Those rows of a database that move. */
    private <R> void scan(Kind<R> kind, Database database, Rows<R> work) throws SQLException {
        pages(kind, database, rows -> {
            progress.scanned(rows.size());
            List<R> moving = rows.stream()
                    .filter(row -> plan.moves(kind.key().apply(row)))
                    .toList();
            if (!moving.isEmpty()) {
                work.accept(moving);
            }
        });
    }

    /** All rows of a database in the order of their primary key, page by page. */
    private static <R> void pages(Kind<R> kind, Database database, Rows<R> work) throws SQLException {
        int parts = kind.parts();
        String marks = parts == 1 ? "?" : "?, ?";
        String after = "WHERE (" + kind.columns() + ") > (" + marks + ") ";
        String order = "ORDER BY " + kind.columns() + " LIMIT " + BATCH;
        String last = null;
        while (true) {
            String from = last;
            List<R> rows = database.run(connection -> {
                try (PreparedStatement select =
                        Database.prepare(connection, kind.select() + (from == null ? "" : after) + order)) {
                    if (from != null) {
                        String[] key = parts(from, parts);
                        for (int i = 0; i < parts; i++) {
                            select.setString(i + 1, key[i]);
                        }
                    }
                    List<R> page = new ArrayList<>();
                    try (ResultSet result = select.executeQuery()) {
                        while (result.next()) {
                            page.add(kind.reader().of(result));
                        }
                    }
                    return page;
                }
            });
            work.accept(rows);
            if (rows.size() < BATCH) {
                return;
            }
            last = kind.key().apply(rows.get(rows.size() - 1));
        }
    }

    /** Carries clicks over, once nobody counts in the old places any more. */
    public void carryClicks() throws SQLException {
        for (String source : sources()) {
            scan(LINKS, database(source), rows -> {
                target.run(connection -> {
                    RoutingTable.requireMark(connection, version);
                    try (PreparedStatement update =
                            Database.prepare(connection, "UPDATE click_count SET carried = ? WHERE code = ?")) {
                        for (LinkTable.Row row : rows) {
                            update.setLong(1, row.clicks());
                            update.setString(2, row.link().code());
                            update.addBatch();
                        }
                        return update.executeBatch().length;
                    }
                });
                progress.moved(rows.size());
            });
        }
    }

    /** Removes from the old places what has moved. */
    public void clean() throws SQLException {
        for (String source : sources()) {
            Database old = database(source);
            scan(LINKS, old, rows -> {
                List<String> codes = rows.stream().map(LINKS.key()).toList();
                remove(old, codes, "DELETE FROM click_count WHERE code = ?", 1);
                remove(old, codes, "DELETE FROM link WHERE code = ?", 1);
            });
            scan(ENTRIES, old, rows -> {
                List<String> keys = rows.stream().map(ENTRIES.key()).toList();
                remove(old, keys, "DELETE FROM url_index WHERE owner = ? AND url_hash = ?", 2);
            });
        }
    }

    /** Removes from the shard that was to be added what was brought there. */
    public void empty() throws SQLException {
        pages(LINKS, target, rows -> {
            List<String> codes = rows.stream().map(LINKS.key()).toList();
            remove(target, codes, "DELETE FROM click_count WHERE code = ?", 1);
            remove(target, codes, "DELETE FROM link WHERE code = ?", 1);
        });
        pages(ENTRIES, target, rows -> {
            List<String> keys = rows.stream().map(ENTRIES.key()).toList();
            remove(target, keys, "DELETE FROM url_index WHERE owner = ? AND url_hash = ?", 2);
        });
    }

    private void remove(Database database, List<String> keys, String sql, int parts) throws SQLException {
        database.run(connection -> {
            RoutingTable.requireMark(connection, version);
            try (PreparedStatement delete = Database.prepare(connection, sql)) {
                for (String key : keys) {
                    String[] values = parts(key, parts);
                    for (int i = 0; i < parts; i++) {
                        delete.setString(i + 1, values[i]);
                    }
                    delete.addBatch();
                }
                return delete.executeBatch().length;
            }
        });
        progress.moved(keys.size());
    }

    private Database database(String id) {
        Database database = databases.get(id);
        if (database == null) {
            throw new IllegalStateException("the database is not open: " + id);
        }
        return database;
    }
}
