// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore.Feed;
import io.github.pentalith.cache.RemoteStore.Subscription;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * The masters of a Redis Cluster. A command goes to the node that owned its key's slot when the cluster was last looked
 * at, and follows what that node says instead; many commands go as one pipeline per node. Each heartbeat of the feed
 * brings a new look, and so does the call after one that could not connect.
 *
 * <p>While a slot is on its way from a node to another, Redis refuses scripts of which it has moved one key and not the
 * other; then the remote level counts as away for that key.
 */
final class ClusterServers implements Servers {
    private static final int MOST_REDIRECTIONS = 5;

    private final List<Server> seeds;
    private final int connections;
    private final ConcurrentMap<HostAndPort, Lanes> lanes = new ConcurrentHashMap<>();
    private final ReentrantLock looking = new ReentrantLock();
    private volatile @Nullable AtomicReferenceArray<@Nullable HostAndPort> owners; // by slot
    private int nextSeed; // guarded by looking
    private volatile boolean opened;

    ClusterServers(List<Server> seeds, int connections) {
        this.seeds = List.copyOf(seeds);
        this.connections = connections;
    }

    @Override
    public void open() {
        opened = true;
    }

    @Override
    public void close() {
        opened = false;
        owners = null;
        for (HostAndPort address : lanes.keySet()) {
            drop(address);
        }
    }

    private void drop(HostAndPort address) {
        Lanes old = lanes.remove(address);
        if (old != null) {
            old.close();
        }
    }

    @Override
    public List<Object> call(List<Command> commands) {
        @Nullable Object[] replies = new Object[commands.size()];
        List<Integer> open = new ArrayList<>(replies.length);
        for (int i = 0; i < replies.length; i++) {
            open.add(i);
        }
        for (int round = 0; !open.isEmpty(); round++) {
            List<Integer> again = new ArrayList<>();
            for (Map.Entry<HostAndPort, List<Integer>> part :
                    byOwner(commands, open).entrySet()) {
                List<Command> there =
                        part.getValue().stream().map(commands::get).toList();
                List<Object> answers = connected(part.getKey(), there);
                for (int i = 0; i < there.size(); i++) {
                    int index = part.getValue().get(i);
                    replies[index] = answers.get(i);
                    if (answers.get(i) instanceof JedisMovedDataException moved && round < MOST_REDIRECTIONS) {
                        moved(moved, part.getKey());
                        again.add(index);
                    } else if (answers.get(i) instanceof JedisAskDataException ask) {
                        replies[index] = asked(ask, part.getKey(), there.get(i));
                    }
                }
            }
            open = again;
        }
        List<Object> all = new ArrayList<>(replies.length);
        for (Object reply : replies) {
            all.add(Objects.requireNonNull(reply)); // every command was in a part
        }
        return all;
    }

    private Map<HostAndPort, List<Integer>> byOwner(List<Command> commands, List<Integer> which) {
        AtomicReferenceArray<@Nullable HostAndPort> known = owners;
        if (known == null) {
            known = look();
        }
        Map<HostAndPort, List<Integer>> parts = new LinkedHashMap<>();
        for (int index : which) {
            HostAndPort owner = known.get(commands.get(index).slot());
            if (owner == null) {
                owners = null;
                throw new JedisConnectionException("no node of the cluster owns the slot: " + this);
            }
            parts.computeIfAbsent(owner, address -> new ArrayList<>()).add(index);
        }
        return parts;
    }

    private List<Object> connected(HostAndPort address, List<Command> commands) {
        try {
            return at(address).call(commands);
        } catch (JedisConnectionException e) {
            owners = null;
            throw e;
        }
    }

    private Lanes at(HostAndPort address) {
        if (!opened) {
            throw new IllegalStateException("the store has no subscription: " + this);
        }
        return lanes.computeIfAbsent(address, fresh -> new Lanes(seeds.get(0).at(fresh), connections));
    }

    private void moved(JedisMovedDataException to, HostAndPort from) {
        AtomicReferenceArray<@Nullable HostAndPort> known = owners;
        if (known != null) {
            known.set(to.getSlot(), target(to, from));
        }
    }

    private Object asked(JedisAskDataException to, HostAndPort from, Command command) {
        return connected(target(to, from), List.of(Command.of(Protocol.Command.ASKING), command))
                .get(1);
    }

    /** A node that does not know its own host leaves it out. */
    private static HostAndPort target(JedisRedirectionException to, HostAndPort from) {
        HostAndPort target = to.getTargetNode();
        String host = target.getHost();
        return host == null || host.isEmpty() ? new HostAndPort(from.getHost(), target.getPort()) : target;
    }

    @Override
    public boolean inOnePlace() {
        return false;
    }

    @Override
    public Values read(List<byte[]> keys) {
        throw new UnsupportedOperationException("keys of a cluster live in several places");
    }

    /** What a node says of the cluster, from now on. */
    void learn(ClusterView view) {
        if (opened) {
            owners = new AtomicReferenceArray<>(view.owners());
            for (HostAndPort address : lanes.keySet()) {
                if (!view.masters().containsValue(address)) {
                    drop(address);
                }
            }
        }
    }

    /** Asks one seed or known node, another one each time, so that no call waits for more than one. */
    private AtomicReferenceArray<@Nullable HostAndPort> look() {
        ClusterView view = discover();
        AtomicReferenceArray<@Nullable HostAndPort> found = new AtomicReferenceArray<>(view.owners());
        owners = found;
        return found;
    }

    ClusterView discover() {
        if (!opened) {
            throw new IllegalStateException("the store has no subscription: " + this);
        }
        try {
            if (!looking.tryLock(seeds.get(0).timeoutMillis(), TimeUnit.MILLISECONDS)) {
                throw new JedisConnectionException("somebody else looks at the cluster: " + this);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JedisConnectionException("interrupted: " + this, e);
        }
        try {
            List<Server> candidates = new ArrayList<>(seeds);
            lanes.keySet().forEach(address -> candidates.add(seeds.get(0).at(address)));
            Server candidate = candidates.get(nextSeed++ % candidates.size());
            try (Connection node = candidate.connect()) {
                node.sendCommand(Protocol.Command.CLUSTER, "NODES");
                String text = new String((byte[]) node.getOne(), StandardCharsets.UTF_8);
                return ClusterView.parse(text, candidate.address().getHost());
            }
        } finally {
            looking.unlock();
        }
    }

    Server server(HostAndPort address) {
        return seeds.get(0).at(address);
    }

    @Override
    public Subscription subscribe(byte[] prefix, Feed feed, Runnable ended) {
        ClusterFeed subscription = new ClusterFeed(this, prefix, feed, ended);
        subscription.start();
        return subscription;
    }

    @Override
    public String toString() {
        return "cluster" + Arrays.toString(seeds.toArray());
    }
}
