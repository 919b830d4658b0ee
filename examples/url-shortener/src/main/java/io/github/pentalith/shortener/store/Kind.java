// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

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
 * A kind of rows that move from shard to shard: how to read them page by page, find, compare, bring and remove them.
 *
 * @param <R> a row
 */
final class Kind<R> {
    private static final int PAGE = 200; // so that to insert them takes less than a call may, also over a slow network

    /** Links, with their clicks. */
    static final Kind<LinkTable.Row> LINKS = new Kind<>(
            LinkTable.SELECT_ROWS,
            List.of("link.code"),
            List.of("DELETE FROM click_count WHERE code = ?", "DELETE FROM link WHERE code = ?"),
            LinkTable::row,
            row -> row.link().code(),
            row -> List.of(row.link(), String.valueOf(row.deletion())), // clicks are carried over apart
            LinkTable::insert,
            LinkTable::merge);

    /** Entries of the index. */
    static final Kind<UrlIndex.Entry> ENTRIES = new Kind<>(
            "SELECT owner, url_hash, code, version FROM url_index ",
            List.of("owner", "url_hash"),
            List.of("DELETE FROM url_index WHERE owner = ? AND url_hash = ?"),
            UrlIndex::entry,
            UrlIndex.Entry::key,
            entry -> entry,
            UrlIndex::insert,
            UrlIndex::merge);

    /** All that moves. */
    static final List<Kind<?>> ALL = List.of(LINKS, ENTRIES);

    private final String select;
    private final List<String> columns; // of the primary key
    private final List<String> deletes;
    private final Reader<R> reader;
    private final Function<R, String> key;
    private final Function<R, Object> content;
    private final Insert<R> insert;
    private final Merge<R> merge;

    private Kind(
            String select,
            List<String> columns,
            List<String> deletes,
            Reader<R> reader,
            Function<R, String> key,
            Function<R, Object> content,
            Insert<R> insert,
            Merge<R> merge) {
        this.select = select;
        this.columns = columns;
        this.deletes = deletes;
        this.reader = reader;
        this.key = key;
        this.content = content;
        this.insert = insert;
        this.merge = merge;
    }

    private interface Reader<R> {
        R of(ResultSet row) throws SQLException;
    }

    private interface Insert<R> {
        int to(Connection connection, R row) throws SQLException;
    }

    private interface Merge<R> {
        void to(Database database, R row) throws SQLException;
    }

    /** Something to do with a page of rows. */
    interface Rows<R> {
        void accept(List<R> rows) throws SQLException;
    }

    /** {@return the key that the shard map knows: the columns of the primary key, with a space between} */
    String key(R row) {
        return key.apply(row);
    }

    /** {@return whether both say the same, clicks aside} */
    boolean same(R row, @Nullable R other) {
        return other != null && content.apply(row).equals(content.apply(other));
    }

    int insert(Connection connection, R row) throws SQLException {
        return insert.to(connection, row);
    }

    /** Brings a row to a database that may have it; the newer one stays. */
    void merge(Database database, R row) throws SQLException {
        merge.to(database, row);
    }

    /** All rows of a database in the order of their primary key, page by page. */
    void pages(Database database, Rows<R> work) throws SQLException {
        List<R> rows;
        String last = null;
        do {
            rows = page(database, last);
            work.accept(rows);
            last = rows.isEmpty() ? last : key(rows.get(rows.size() - 1));
        } while (rows.size() == PAGE);
    }

    private List<R> page(Database database, @Nullable String after) throws SQLException {
        String tuple = String.join(", ", columns);
        String where = after == null ? "" : "WHERE (" + tuple + ") > " + marks() + " ";
        return select(
                database, where + "ORDER BY " + tuple + " LIMIT " + PAGE, after == null ? List.of() : List.of(after));
    }

    /** {@return those of the rows that a database has, as it has them, by their keys} */
    Map<String, R> find(Database database, List<R> rows) throws SQLException {
        Map<String, R> found = new HashMap<>();
        if (!rows.isEmpty()) {
            String tuples = rows.stream().map(row -> marks()).collect(Collectors.joining(", "));
            String where = "WHERE (" + String.join(", ", columns) + ") IN (" + tuples + ")";
            select(database, where, rows.stream().map(key).toList()).forEach(row -> found.put(key(row), row));
        }
        return found;
    }

    /** {@return the row as a database has it, null if it has not} */
    @Nullable
    R find(Database database, R row) throws SQLException {
        return find(database, List.of(row)).get(key(row));
    }

    /** Removes rows. */
    int remove(Connection connection, List<R> rows) throws SQLException {
        for (String delete : deletes) {
            try (PreparedStatement statement = Database.prepare(connection, delete)) {
                for (R row : rows) {
                    bind(statement, 1, key(row));
                    statement.addBatch();
                }
                statement.executeBatch();
            }
        }
        return rows.size();
    }

    private List<R> select(Database database, String rest, List<String> keys) throws SQLException {
        return database.run(connection -> {
            try (PreparedStatement statement = Database.prepare(connection, select + rest)) {
                int place = 1;
                for (String each : keys) {
                    place = bind(statement, place, each);
                }
                List<R> rows = new ArrayList<>();
                try (ResultSet result = statement.executeQuery()) {
                    while (result.next()) {
                        rows.add(reader.of(result));
                    }
                }
                return rows;
            }
        });
    }

    private int bind(PreparedStatement statement, int from, String whole) throws SQLException {
        int place = from;
        for (String part : whole.split(" ", columns.size())) {
            statement.setString(place++, part);
        }
        return place;
    }

    private String marks() {
        return columns.stream().map(column -> "?").collect(Collectors.joining(", ", "(", ")"));
    }
}
