// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore.Feed;
import io.github.pentalith.cache.RemoteStore.Subscription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * A feed of each master of a cluster, as one. The heartbeat is CLUSTER NODES: so each proof that a node's messages have
 * been heard says also which slots that node served by then, and which other masters it knows. The whole is live while
 * every master that anybody knows is heard and the slots that they serve themselves are all there are; it is verified as
 * of the oldest of their proofs. So a slot that went to a node that is not listened to ends the proofs, and a master
 * that takes over is listened to before anything is believed again.
 *
 * <p>One thread per master, and one that finds the first master and drops those that are gone.
 */
final class ClusterFeed implements Subscription {
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CLOSING_MILLIS = 5_000;

    private final ClusterServers servers;
    private final byte[] prefix;
    private final Feed feed;
    private final Runnable ended;
    private final Thread thread = new Thread(this::run, "pentalith-cache-feed");
    private final ReentrantLock changing = new ReentrantLock();
    private final Map<String, Node> nodes = new HashMap<>(); // by id; guarded by changing, like what follows
    private boolean whole;
    private boolean ending;

    ClusterFeed(ClusterServers servers, byte[] prefix, Feed feed, Runnable ended) {
        this.servers = servers;
        this.prefix = prefix.clone();
        this.feed = feed;
        this.ended = ended;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** The feed of one master. */
    private final class Node implements Feed, Heartbeat {
        private final String id;
        private final HostAndPort address;
        private final TrackingFeed tracking;
        private @Nullable ClusterView view; // of the last heartbeat; null while not heard
        private long asOf;

        Node(String id, HostAndPort address) {
            this.id = id;
            this.address = address;
            this.tracking = new TrackingFeed(servers.server(address), prefix, this, this, () -> {});
        }

        @Override
        public long now() {
            return feed.now();
        }

        @Override
        public void changed(byte[] key) {
            feed.changed(key);
        }

        @Override
        public void flushed() {
            feed.flushed();
        }

        @Override
        public void live() {} // the first heartbeat tells more

        @Override
        public List<String> words() {
            return List.of("CLUSTER", "NODES");
        }

        @Override
        public void answered(@Nullable Object reply) throws IOException {
            if (!(reply instanceof byte[] bytes)) {
                throw new IOException("the server told nothing of its cluster");
            }
            ClusterView seen = ClusterView.parse(new String(bytes, StandardCharsets.UTF_8), address.getHost());
            if (!seen.myself().equals(id) || !seen.isMaster()) {
                throw new IOException("the node is no master any more: " + address);
            }
            servers.learn(seen);
            changing.lock();
            try {
                view = seen;
                listenTo(seen);
            } finally {
                changing.unlock();
            }
        }

        @Override
        public void verified(long proof) {
            changing.lock();
            try {
                asOf = proof;
                heard();
            } finally {
                changing.unlock();
            }
        }

        @Override
        public void lost(Exception cause) {
            changing.lock();
            try {
                view = null;
                whole = false;
                feed.lost(cause);
            } finally {
                changing.unlock();
            }
        }
    }

    /** Under the lock. */
    private void listenTo(ClusterView seen) {
        seen.masters().forEach((id, address) -> {
            if (!ending && !nodes.containsKey(id)) {
                Node node = new Node(id, address);
                nodes.put(id, node);
                node.tracking.start();
            }
        });
    }

    /** Under the lock. */
    private void heard() {
        boolean all = complete();
        if (all && !whole) {
            feed.live(); // may throw: then it is tried again
            whole = true;
        } else if (!all && whole) {
            whole = false;
            feed.lost(new IOException("not all masters of the cluster are heard"));
        }
        if (whole) {
            Long oldest = null;
            for (Node node : nodes.values()) {
                if (node.view != null && (oldest == null || node.asOf - oldest < 0)) {
                    oldest = node.asOf;
                }
            }
            if (oldest != null) {
                feed.verified(oldest);
            }
        }
    }

    private boolean complete() {
        BitSet served = new BitSet(ClusterView.SLOTS);
        for (Node node : nodes.values()) {
            ClusterView view = node.view;
            if (view == null) {
                continue;
            }
            served.or(view.own());
            for (String id : view.masters().keySet()) {
                Node other = nodes.get(id);
                if (other == null || other.view == null) {
                    return false;
                }
            }
        }
        return served.cardinality() == ClusterView.SLOTS;
    }

    private void run() {
        while (true) {
            List<Node> gone = new ArrayList<>();
            boolean deaf;
            changing.lock();
            try {
                if (ending) {
                    return;
                }
                deaf = nodes.values().stream().noneMatch(node -> node.view != null);
                if (!deaf) {
                    nodes.values().removeIf(node -> unknown(node) && gone.add(node));
                }
            } finally {
                changing.unlock();
            }
            gone.forEach(node -> node.tracking.close());
            if (deaf) {
                find();
            }
            LockSupport.parkNanos(this, PAUSE);
        }
    }

    /** Not heard, and nobody who is heard calls it a master at that address. Under the lock. */
    private boolean unknown(Node node) {
        return node.view == null
                && nodes.values().stream()
                        .noneMatch(other -> other.view != null
                                && node.address.equals(other.view.masters().get(node.id)));
    }

    private void find() {
        try {
            ClusterView seen = servers.discover();
            List<Node> moved = new ArrayList<>();
            changing.lock();
            try {
                nodes.values()
                        .removeIf(node -> node.view == null
                                && !node.address.equals(seen.masters().get(node.id))
                                && moved.add(node));
                listenTo(seen);
            } finally {
                changing.unlock();
            }
            moved.forEach(node -> node.tracking.close());
        } catch (RuntimeException e) {
            changing.lock();
            try {
                feed.lost(e);
            } finally {
                changing.unlock();
            }
        }
    }

    @Override
    public void close() {
        List<Node> all;
        changing.lock();
        try {
            if (ending) {
                return;
            }
            ending = true;
            all = List.copyOf(nodes.values());
        } finally {
            changing.unlock();
        }
        LockSupport.unpark(thread);
        all.forEach(node -> node.tracking.close());
        try {
            thread.join(CLOSING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended.run();
    }
}
