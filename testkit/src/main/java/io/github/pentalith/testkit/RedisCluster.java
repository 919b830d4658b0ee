// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A Redis Cluster of masters on loopback, from {@link RealRedis#cluster}. Each node is a {@link RealRedis}, to be
 * killed, frozen and started again. Thread-safe.
 */
public final class RedisCluster implements AutoCloseable {
    private static final int SLOTS = 16_384;

    private final RedisFiles files;
    private final List<RealRedis> nodes;

    private RedisCluster(RedisFiles files, List<RealRedis> nodes) {
        this.files = files;
        this.nodes = List.copyOf(nodes);
    }

    static RedisCluster launch(int count) {
        if (count < 1 || count > 32) {
            throw new IllegalArgumentException("nodes must be in range: nodes=" + count + " (expected: 1 to 32)");
        }
        RedisFiles files = RedisFiles.create();
        List<RealRedis> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                RealRedis.Builder settings = RealRedis.builder()
                        .config("cluster-enabled yes")
                        .config("cluster-config-file nodes.conf")
                        .config("cluster-node-timeout 2000");
                nodes.add(RealRedis.launch(settings, files, false, Ports::free));
            }
            RedisCluster cluster = new RedisCluster(files, nodes);
            cluster.join();
            return cluster;
        } catch (RuntimeException e) {
            nodes.forEach(RealRedis::close);
            files.close();
            throw e;
        }
    }

    private void join() {
        int count = nodes.size();
        for (int i = 0; i < count; i++) {
            RealRedis node = nodes.get(i);
            node.command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
            List<String> words = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
            for (int slot = SLOTS * i / count; slot < SLOTS * (i + 1) / count; slot++) {
                words.add(Integer.toString(slot));
            }
            node.command(words.toArray(String[]::new));
            if (i > 0) {
                nodes.get(0).command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(node.port()));
            }
        }
        awaitOk();
    }

    /**
     * Waits until every running node knows all nodes and says {@code cluster_state:ok}.
     *
     * @throws IllegalStateException if that is not so within 30 seconds
     */
    public void awaitOk() {
        long begin = System.nanoTime();
        List<String> unready;
        do {
            unready = nodes.stream()
                    .filter(RealRedis::isRunning)
                    .map(node -> node.port() + " " + state(node))
                    .filter(state -> !state.endsWith(" ok " + nodes.size() + " " + SLOTS))
                    .toList();
            if (unready.isEmpty()) {
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        } while (System.nanoTime() - begin < RealRedis.PATIENCE.toNanos());
        throw new IllegalStateException("the cluster is not whole after " + RealRedis.PATIENCE
                + ": (port, state, known nodes, slots)=" + unready + " (expected: ok " + nodes.size() + " " + SLOTS
                + ")");
    }

    private static String state(RealRedis node) {
        String info = String.valueOf(node.command("CLUSTER", "INFO"));
        return RealRedis.field(info, "cluster_state") + " " + RealRedis.field(info, "cluster_known_nodes") + " "
                + RealRedis.field(info, "cluster_slots_ok");
    }

    /**
     * Returns the nodes; node i owns the i-th share of the slots.
     *
     * @return the nodes, immutable
     */
    public List<RealRedis> nodes() {
        return nodes;
    }

    /**
     * Returns the addresses of the nodes, from which a client finds the slots.
     *
     * @return the addresses, in the order of {@link #nodes()}
     */
    public List<URI> uris() {
        return nodes.stream().map(RealRedis::uri).toList();
    }

    /** Ends every node and removes all files; idempotent. */
    @Override
    public void close() {
        nodes.forEach(RealRedis::close);
        files.close();
    }

    @Override
    public String toString() {
        return "RedisCluster" + nodes;
    }
}
