// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.ShardMapFormatException;
import io.github.pentalith.sharding.migrate.Resharding;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where keys live, as all nodes agree on it: one row in the first database, of which each change has the next version.
 *
 * @param version 1 and up
 * @param map the shard map; during a resharding the one before
 * @param resharding what moves, never changed in place; null if nothing does
 */
public record Routing(
        long version, HashShardMap<String> map, @Nullable Resharding<String> resharding) {
    /** {@return the ids of all databases that are in use} */
    public Set<String> ids() {
        Set<String> ids = new LinkedHashSet<>();
        map.nodes().forEach(node -> ids.add(node.id()));
        if (resharding != null && resharding.state() != Resharding.State.ROLLED_BACK) {
            resharding.plan().to().nodes().forEach(node -> ids.add(node.id()));
        }
        return ids;
    }

    /** {@return the id of the shard that is being added, null if there is none} */
    public @Nullable String added() {
        if (resharding == null) {
            return null;
        }
        return resharding.plan().to().nodes().stream()
                .map(Node::id)
                .filter(id -> map.nodes().stream().noneMatch(node -> node.id().equals(id)))
                .findFirst()
                .orElse(null);
    }

    /** {@return the same resharding one step on, or one step back, as the next version} */
    public Routing step(boolean forward) {
        Resharding<String> next = copy();
        if (forward) {
            next.advance();
        } else {
            next.retreat();
        }
        return new Routing(version + 1, map, next);
    }

    /** {@return a resharding in the same state that may be changed} */
    public Resharding<String> copy() {
        Resharding<String> now = resharding;
        if (now == null) {
            throw new IllegalStateException("nothing is being moved: version=" + version);
        }
        return Resharding.resume("links", map, now.plan().to(), now.checkpoint());
    }

    /** {@return the content of the row: maps and checkpoint, in Base64, as databases agree on text more than on bytes} */
    String content() {
        String from = base64(map.toBytes());
        return resharding == null
                ? from
                : from + '\n' + base64(resharding.plan().to().toBytes()) + '\n' + base64(resharding.checkpoint());
    }

    static Routing of(long version, String content) {
        String[] lines = content.split("\n", -1);
        try {
            HashShardMap<String> map = map(lines[0]);
            return new Routing(
                    version,
                    map,
                    lines.length == 1
                            ? null
                            : Resharding.resume(
                                    "links",
                                    map,
                                    map(lines[1]),
                                    Base64.getDecoder().decode(lines[2])));
        } catch (ShardMapFormatException e) {
            throw new MisfitException("the stored shard map cannot be read: " + e.getMessage());
        }
    }

    private static HashShardMap<String> map(String line) {
        return HashShardMap.fromBytes(Base64.getDecoder().decode(line), KeyHasher.strings());
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
