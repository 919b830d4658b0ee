// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.migrate.MigrationPlan;
import io.github.pentalith.sharding.migrate.Move;
import io.github.pentalith.sharding.migrate.Resharding;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Moves rows to the shard that is being added: copies, compares, carries clicks over, removes what is left behind.
 *
 * <p>Each of these may be done twice, and while clients write. A row that is in the new place already is newer or the
 * same. Whatever is written by a transaction that finds, by the mark in the database, the routing changed, is not written.
 */
public final class Mover {
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

    /** {@return the databases that keys move away from} */
    public List<String> sources() {
        return plan.moves().stream().map(Move::from).map(Node::id).distinct().toList();
    }

    /** {@return the rows in the databases that keys move away from; 0 if to count them takes too long} */
    public long rows() throws SQLException {
        long rows = 0;
        for (String source : sources()) {
            long some =
                    count(database(source), "SELECT (SELECT COUNT(*) FROM link) + (SELECT COUNT(*) FROM url_index)");
            if (some < 0) {
                return 0;
            }
            rows += some;
        }
        return rows;
    }

    /** {@return whether a database has nothing that could move} */
    public static boolean isEmpty(Database database) throws SQLException {
        return count(
                        database,
                        "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM link LIMIT 1) l)"
                                + " + (SELECT COUNT(*) FROM (SELECT 1 FROM url_index LIMIT 1) u)")
                == 0;
    }

    /** {@return the links in a database, but for deleted ones; -1 if to count them takes too long} */
    public static long links(Database database) throws SQLException {
        return count(database, "SELECT COUNT(*) FROM link WHERE deletion IS NULL");
    }

    private static long count(Database database, String sql) throws SQLException {
        return database.once(connection -> LinkCount.count(connection, sql));
    }

    /** Copies what moves away from one database, and {@return the resharding with its moves reported as copied} */
    public Resharding<String> copy(String source) throws SQLException {
        for (Kind<?> kind : Kind.ALL) {
            copy(kind, database(source));
        }
        plan.moves().stream().filter(move -> move.from().id().equals(source)).forEach(resharding::copied);
        return resharding;
    }

    private <R> void copy(Kind<R> kind, Database old) throws SQLException {
        scan(kind, old, rows -> {
            bring(kind, rows);
            progress.moved(rows.size());
        });
    }

    private <R> void bring(Kind<R> kind, List<R> rows) throws SQLException {
        Map<String, R> there = kind.find(target, rows);
        List<R> missing =
                rows.stream().filter(row -> !there.containsKey(kind.key(row))).toList();
        List<R> others = new ArrayList<>(rows.stream()
                .filter(row -> there.containsKey(kind.key(row)) && !kind.same(row, there.get(kind.key(row))))
                .toList());
        boolean all = target.insert(connection -> {
            RoutingTable.requireMark(connection, version);
            for (R row : missing) {
                kind.insert(connection, row);
            }
            return missing.size();
        });
        if (!all) { // a client wrote one of them meanwhile
            others.addAll(missing);
        }
        for (R row : others) {
            requireMark();
            kind.merge(target, row);
        }
    }

    /**
     * Compares old and new places and mends what differs: the half-done writes of nodes that failed.
     *
     * @return how many rows differed
     */
    public long reconcile() throws SQLException {
        long mended = 0;
        for (String source : sources()) {
            for (Kind<?> kind : Kind.ALL) {
                mended += reconcile(kind, database(source));
            }
        }
        return mended;
    }

    private <R> long reconcile(Kind<R> kind, Database old) throws SQLException {
        List<R> different = new ArrayList<>();
        scan(kind, old, rows -> {
            Map<String, R> there = kind.find(target, rows);
            for (R row : rows) {
                if (!kind.same(row, there.get(kind.key(row)))) {
                    mend(kind, old, row);
                    different.add(row);
                    progress.moved(1);
                }
            }
        });
        return different.size();
    }

    private <R> void mend(Kind<R> kind, Database old, R seen) throws SQLException {
        for (int round = 0; round < 10; round++) { // a write under way may come in between
            R row = kind.find(old, seen);
            if (row == null || kind.same(row, kind.find(target, row))) {
                return;
            }
            requireMark();
            kind.merge(target, row);
        }
        throw new IllegalStateException("old and new place do not become equal: " + kind.key(seen));
    }

    /** Reports all moves as verified, and {@return the resharding} */
    public Resharding<String> verified() {
        plan.moves().forEach(resharding::verified);
        return resharding;
    }

    /** Makes sure that the new place has nothing that the old one has not: writes arrive in the old one first. */
    public void requireNothingMore() throws SQLException {
        for (Kind<?> kind : Kind.ALL) {
            requireNothingMore(kind);
        }
    }

    private <R> void requireNothingMore(Kind<R> kind) throws SQLException {
        kind.pages(target, rows -> {
            Map<String, List<R>> byOldPlace = rows.stream()
                    .collect(Collectors.groupingBy(
                            row -> plan.from().locate(kind.key(row)).id()));
            for (Map.Entry<String, List<R>> some : byOldPlace.entrySet()) {
                Map<String, R> there = kind.find(database(some.getKey()), some.getValue());
                for (R row : some.getValue()) {
                    if (!there.containsKey(kind.key(row))) {
                        throw new IllegalStateException(
                                "the new place has a row that the old one has not: " + kind.key(row));
                    }
                }
            }
        });
    }

    /** Carries clicks over, once nobody counts in the old places any more. */
    public void carryClicks() throws SQLException {
        for (String source : sources()) {
            scan(Kind.LINKS, database(source), rows -> {
                target.run(connection -> {
                    RoutingTable.requireMark(connection, version);
                    return carryClicks(connection, rows);
                });
                progress.moved(rows.size());
            });
        }
    }

    private static int carryClicks(Connection connection, List<LinkTable.Row> rows) throws SQLException {
        try (PreparedStatement update =
                Database.prepare(connection, "UPDATE click_count SET carried = ? WHERE code = ?")) {
            for (LinkTable.Row row : rows) {
                update.setLong(1, row.clicks());
                update.setString(2, row.link().code());
                update.addBatch();
            }
            return update.executeBatch().length;
        }
    }

    /** Removes from the old places what has moved. */
    public void clean() throws SQLException {
        for (String source : sources()) {
            for (Kind<?> kind : Kind.ALL) {
                clean(kind, database(source));
            }
        }
    }

    private <R> void clean(Kind<R> kind, Database old) throws SQLException {
        scan(kind, old, rows -> remove(kind, old, rows));
    }

    /** Removes from the shard that was to be added what was brought there. */
    public void empty() throws SQLException {
        for (Kind<?> kind : Kind.ALL) {
            empty(kind);
        }
    }

    private <R> void empty(Kind<R> kind) throws SQLException {
        kind.pages(target, rows -> remove(kind, target, rows));
    }

    private <R> void remove(Kind<R> kind, Database database, List<R> rows) throws SQLException {
        database.run(connection -> {
            RoutingTable.requireMark(connection, version);
            return kind.remove(connection, rows);
        });
        progress.moved(rows.size());
    }

    /** Those rows of a database that move. */
    private <R> void scan(Kind<R> kind, Database database, Kind.Rows<R> work) throws SQLException {
        kind.pages(database, rows -> {
            progress.scanned(rows.size());
            List<R> moving =
                    rows.stream().filter(row -> plan.moves(kind.key(row))).toList();
            if (!moving.isEmpty()) {
                work.accept(moving);
            }
        });
    }

    private void requireMark() throws SQLException {
        target.run(connection -> {
            RoutingTable.requireMark(connection, version);
            return true;
        });
    }

    private Database database(String id) {
        Database database = databases.get(id);
        if (database == null) {
            throw new IllegalStateException("the database is not open: " + id);
        }
        return database;
    }
}
