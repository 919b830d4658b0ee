// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.shortener.store.Address;
import io.github.pentalith.testkit.RealRedis;
import io.github.pentalith.testkit.RedisCluster;
import java.net.URI;
import java.util.stream.Collectors;

/** On a Redis Cluster of three masters. */
class ApiOnRedisClusterIT extends ApiContract {
    private RedisCluster cluster;

    @Override
    Settings parts(Settings settings) {
        cluster = RealRedis.cluster(3);
        return settings.redis(address(cluster));
    }

    static Address address(RedisCluster cluster) {
        return Address.of("redis-cluster://"
                + cluster.uris().stream().map(URI::getAuthority).collect(Collectors.joining(",")));
    }

    @Override
    void stopParts() {
        if (cluster != null) {
            cluster.close();
        }
    }
}
