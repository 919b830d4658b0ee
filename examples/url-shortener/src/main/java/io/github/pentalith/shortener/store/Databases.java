// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.resilience.Pipeline;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The databases that a node has open, and where those are that a routing names. Any thread may look; they are opened and
 * closed by one thread at a time.
 */
final class Databases implements AutoCloseable {
    private final String node;
    private final Addresses addresses;
    private final Pipeline.Observer observer;
    private final Map<String, Database> open = new ConcurrentSkipListMap<>();
    private volatile @Nullable Shown shown;

    private record Shown(MetricRegistry metrics, HealthRegistry health) {}

    Databases(String node, Addresses addresses, Pipeline.Observer observer) {
        this.node = node;
        this.addresses = addresses;
        this.observer = observer;
    }

    /** Opens the first one, and {@return it} */
    Database openFirst() throws SQLException {
        Map.Entry<String, Address> first =
                addresses.given().entrySet().iterator().next();
        return open(first.getKey(), first.getValue());
    }

    private Database open(String id, Address address) throws SQLException {
        Database database = Database.openShard(node, id, address, observer);
        open.put(id, database);
        Shown to = shown;
        if (to != null) {
            database.show(to.metrics, to.health);
        }
        return database;
    }

    /** Opens those of a routing that are not open. */
    void openAll(Routing routing) throws SQLException {
        for (Map.Entry<String, Address> each : locate(routing).entrySet()) {
            if (!open.containsKey(each.getKey())) {
                Database unused = open(each.getKey(), each.getValue());
            }
        }
    }

    /** Closes those that are not in a routing. */
    void closeAllBut(Routing routing) {
        open.entrySet().removeIf(each -> {
            boolean isGone = !routing.ids().contains(each.getKey());
            if (isGone) {
                each.getValue().close();
            }
            return isGone;
        });
    }

    /** {@return all that are open, by their ids} */
    Map<String, Database> all() {
        return Map.copyOf(open);
    }

    /** {@return where each database of the routing is: as given, or as remembered since it was added} */
    Map<String, Address> locate(Routing routing) throws SQLException {
        Map<String, Optional<Address>> remembered = remembered();
        Map<String, Address> all = new LinkedHashMap<>();
        for (String id : routing.ids()) {
            address(id, remembered).ifPresent(address -> all.put(id, address));
        }
        Set<String> surplus = new TreeSet<>(addresses.given().keySet());
        surplus.removeAll(routing.ids());
        surplus.remove(String.valueOf(routing.added()));
        if (!all.keySet().equals(routing.ids()) || !surplus.isEmpty()) {
            throw new MisfitException("the stored shard map does not fit: shards="
                    + new TreeSet<>(addresses.given().keySet()) + " (expected: " + new TreeSet<>(routing.ids())
                    + ", that is --shards " + routing.ids().size() + ")");
        }
        return all;
    }

    /** {@return where a shard is} */
    Address address(String id) throws SQLException {
        return address(id, remembered())
                .orElseThrow(() -> new MisfitException("nobody knows where this shard is: " + id));
    }

    private Optional<Address> address(String id, Map<String, Optional<Address>> remembered) {
        Address given = addresses.given().get(id);
        if (given != null) {
            return Optional.of(given);
        }
        Optional<Address> added = remembered.get(id); // without an address: where this program keeps its own
        return added == null ? Optional.empty() : added.or(() -> addresses.own().of(id));
    }

    private Map<String, Optional<Address>> remembered() throws SQLException {
        Database first = open.get(addresses.given().keySet().iterator().next());
        if (first == null) {
            throw new IllegalStateException("the first database is opened first");
        }
        return new RoutingTable(first).remembered();
    }

    /** Shows all of them to operators, also those that will be opened. */
    void show(MetricRegistry metrics, HealthRegistry health) {
        shown = new Shown(metrics, health);
        open.values().forEach(database -> database.show(metrics, health));
    }

    @Override
    public void close() {
        open.values().forEach(Database::close);
    }
}
