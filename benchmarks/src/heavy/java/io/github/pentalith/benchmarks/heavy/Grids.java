// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.heavy;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.config.NearCacheConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.github.pentalith.testkit.RealRedis;
import org.redisson.api.RBucket;
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/** Data grids with their servers. */
final class Grids {
    private Grids() {}

    /** Strings in their own codec: its default, Kryo, would write more. */
    static final class Redisson implements AutoCloseable {
        private final RealRedis redis;
        private final RedissonClient client;

        Redisson(RealRedis redis) {
            this.redis = redis;
            Config config = new Config();
            config.setCodec(StringCodec.INSTANCE);
            config.useSingleServer().setAddress(redis.uri().toString());
            this.client = org.redisson.Redisson.create(config);
        }

        RLocalCachedMap<String, String> localMap() {
            return client.getLocalCachedMap(LocalCachedMapOptions.name("bench"));
        }

        RBucket<String> bucket(String key) {
            return client.getBucket(key);
        }

        @Override
        public void close() {
            client.shutdown();
            redis.close();
        }
    }

    /** A member and a client in this process, with a socket of the loopback in between. */
    static final class Hazelcast implements AutoCloseable {
        static final String NEAR = "near";
        static final String FAR = "far";

        private final HazelcastInstance member;
        private final HazelcastInstance client;

        Hazelcast() {
            com.hazelcast.config.Config config = new com.hazelcast.config.Config();
            config.setProperty("hazelcast.phone.home.enabled", "false");
            config.setProperty("hazelcast.logging.type", "slf4j");
            config.getJetConfig().setEnabled(false);
            config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
            config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
            config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
            member = com.hazelcast.core.Hazelcast.newHazelcastInstance(config);
            ClientConfig clients = new ClientConfig();
            clients.setProperty("hazelcast.logging.type", "slf4j");
            clients.setProperty("hazelcast.client.statistics.enabled", "false");
            clients.getNetworkConfig()
                    .addAddress("127.0.0.1:"
                            + member.getCluster().getLocalMember().getAddress().getPort());
            clients.addNearCacheConfig(new NearCacheConfig(NEAR));
            client = HazelcastClient.newHazelcastClient(clients);
        }

        IMap<String, String> map(String name) {
            return client.getMap(name);
        }

        @Override
        public void close() {
            client.shutdown();
            member.shutdown();
        }
    }
}
