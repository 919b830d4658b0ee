// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** Asks sentinels, one after the other, where the master is; whoever answered last is asked first. */
final class Sentinels implements Supplier<HostAndPort> {
    private final List<Server> sentinels;
    private final String master;
    private volatile int first;

    Sentinels(List<Server> sentinels, String master) {
        this.sentinels = List.copyOf(sentinels);
        this.master = master;
    }

    @Override
    public HostAndPort get() {
        JedisConnectionException nobody =
                new JedisConnectionException("no sentinel knows the master: master=" + master + ", " + sentinels);
        int from = first;
        for (int i = 0; i < sentinels.size(); i++) {
            int index = (from + i) % sentinels.size();
            try (Connection sentinel = sentinels.get(index).connect()) {
                sentinel.sendCommand(Protocol.Command.SENTINEL, "get-master-addr-by-name", master);
                if (sentinel.getOne() instanceof List<?> address && address.size() == 2) {
                    first = index;
                    return new HostAndPort(text(address.get(0)), Integer.parseInt(text(address.get(1))));
                }
            } catch (JedisException e) {
                nobody.addSuppressed(e);
            }
        }
        throw nobody;
    }

    private static String text(Object word) {
        return new String((byte[]) word, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return master + " of " + sentinels;
    }
}
