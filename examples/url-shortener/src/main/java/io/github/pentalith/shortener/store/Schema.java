// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables, the same on every shard; plain SQL that H2 and PostgreSQL understand.
 *
 * <p>{@code fact}, {@code node_lease}: used on the first shard, except for the fact which shard it is. Clicks have a
 * table of their own, so that counting does not rewrite rows with 8 KB of URL; {@code carried} are those counted on the
 * shard that the code was on before. A deleted link stays as a row with a
 * {@code deletion}, so that its code is never given out again.
 */
final class Schema {
    private static final List<String> TABLES = List.of(
            """
            CREATE TABLE IF NOT EXISTS link (
              code VARCHAR(32) PRIMARY KEY,
              long_url VARCHAR(8192) NOT NULL,
              owner VARCHAR(128),
              created_ms BIGINT NOT NULL,
              expires_s BIGINT,
              expires_ns INT,
              permanent BOOLEAN NOT NULL,
              deletion VARCHAR(64))""",
            """
            CREATE TABLE IF NOT EXISTS click_count (
              code VARCHAR(32) PRIMARY KEY,
              clicks BIGINT NOT NULL,
              carried BIGINT)""",
            """
            CREATE TABLE IF NOT EXISTS url_index (
              owner VARCHAR(128) NOT NULL,
              url_hash VARCHAR(64) NOT NULL,
              code VARCHAR(32) NOT NULL,
              version INT DEFAULT 1 NOT NULL,
              PRIMARY KEY (owner, url_hash))""",
            """
            CREATE TABLE IF NOT EXISTS node_lease (
              number INT PRIMARY KEY,
              owner VARCHAR(64) NOT NULL,
              until_ms BIGINT NOT NULL)""",
            """
            CREATE TABLE IF NOT EXISTS fact (
              name VARCHAR(32) PRIMARY KEY,
              content VARCHAR(262144) NOT NULL)""",
            """
            CREATE TABLE IF NOT EXISTS routing (
              name VARCHAR(32) PRIMARY KEY,
              version BIGINT NOT NULL,
              content VARCHAR(1048576) NOT NULL)""",
            """
            CREATE TABLE IF NOT EXISTS routing_member (
              owner VARCHAR(64) PRIMARY KEY,
              name VARCHAR(128) NOT NULL,
              version BIGINT NOT NULL,
              half_done BIGINT NOT NULL,
              beat BIGINT NOT NULL)""",
            """
            CREATE TABLE IF NOT EXISTS shard_address (
              id VARCHAR(128) PRIMARY KEY,
              url VARCHAR(4096) NOT NULL)""",
            // What came later, for data that is older.
            "ALTER TABLE click_count ADD COLUMN IF NOT EXISTS carried BIGINT",
            "ALTER TABLE url_index ADD COLUMN IF NOT EXISTS version INT DEFAULT 1 NOT NULL");

    private Schema() {}

    static void create(Database database) throws SQLException {
        database.run(connection -> {
            try (Statement statement = connection.createStatement()) {
                for (String table : TABLES) {
                    statement.execute(table);
                }
            }
            return TABLES.size();
        });
    }
}
