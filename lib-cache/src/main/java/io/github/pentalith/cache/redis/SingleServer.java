// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore.Feed;
import io.github.pentalith.cache.RemoteStore.Subscription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One server, wherever its address says that it is now. */
final class SingleServer implements Servers {
    private final Server server;
    private final int connections;
    private final Heartbeat heartbeat;
    private volatile @Nullable Lanes lanes;

    SingleServer(Server server, int connections, Heartbeat heartbeat) {
        this.server = server;
        this.connections = connections;
        this.heartbeat = heartbeat;
    }

    @Override
    public void open() {
        lanes = new Lanes(server, connections);
    }

    @Override
    public void close() {
        Lanes open = lanes;
        lanes = null;
        if (open != null) {
            open.close();
        }
    }

    private Lanes lanes() {
        Lanes open = lanes;
        if (open == null) {
            throw new IllegalStateException("the store has no subscription: " + server);
        }
        return open;
    }

    @Override
    public List<Object> call(List<Command> commands) {
        return lanes().call(commands);
    }

    @Override
    public boolean inOnePlace() {
        return true;
    }

    @Override
    public Values read(List<byte[]> keys) {
        return lanes().read(keys);
    }

    @Override
    public Subscription subscribe(byte[] prefix, Feed feed, Runnable ended) {
        TrackingFeed subscription = new TrackingFeed(server, prefix, feed, heartbeat, ended);
        subscription.start();
        return subscription;
    }

    @Override
    public String toString() {
        return server.toString();
    }
}
