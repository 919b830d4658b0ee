// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.cache.Codec;
import io.github.pentalith.cache.EntryOptions;
import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.cache.json.JsonCodec;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Two applications that share a Redis through {@code @Cacheable}. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SpringCachesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A bean, not a record. */
    public static class User {
        public String name = "";
    }

    /** The database that both applications use, and a load that a test lets wait. */
    static final class Database {
        final ConcurrentMap<Long, String> names = new ConcurrentHashMap<>();
        final AtomicInteger reads = new AtomicInteger();
        volatile CountDownLatch reading = new CountDownLatch(0);
        volatile CountDownLatch proceed = new CountDownLatch(0);

        User read(Long id) throws InterruptedException {
            User user = new User();
            user.name = names.get(id);
            reads.incrementAndGet();
            reading.countDown();
            proceed.await();
            return user;
        }
    }

    @Configuration
    @EnableCaching
    static class Application {
        @Bean
        SpringCaches cacheManager(RealRedis redis, ExecutorService executor) {
            TieredCache<Long, User> users = TieredCache.<Long, User>builder("users")
                    .codecs(Codec.of(Long.class), JsonCodec.of(User.class))
                    .remote(RedisStore.builder(redis.uri().toString())
                            .timeout(Duration.ofSeconds(10))
                            .build())
                    .entry(EntryOptions.of(Duration.ofMinutes(10)))
                    .build();
            return SpringCaches.of(executor, users);
        }

        @Bean
        Users users(Database database) {
            return new Users(database);
        }
    }

    static class Users {
        private final Database database;

        Users(Database database) {
            this.database = database;
        }

        @Cacheable(cacheNames = "users", sync = true)
        public User find(Long id) throws InterruptedException {
            return database.read(id);
        }

        @CacheEvict("users")
        public void changed(Long id) {
            assertThat(id).isNotNull();
        }
    }

    private static AnnotationConfigApplicationContext start(
            RealRedis redis, Database database, ExecutorService threads) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(RealRedis.class, () -> redis, definition -> definition.setDestroyMethodName(""));
        context.registerBean(ExecutorService.class, () -> threads, definition -> definition.setDestroyMethodName(""));
        context.registerBean(Database.class, () -> database);
        context.register(Application.class);
        context.refresh();
        TieredCache<?, ?> cache = (TieredCache<?, ?>)
                context.getBean(SpringCaches.class).getCache("users").getNativeCache();
        await().pollInterval(Duration.ofMillis(2))
                .atMost(PATIENCE)
                .until(() -> cache.stats().remoteState() == TieredCache.RemoteState.LIVE);
        return context;
    }

    @Test
    void twoApplications_readOnceAndKeepNothingThatAnEvictionOvertook() throws Exception {
        Database database = new Database();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (RealRedis redis = RealRedis.launch();
                AnnotationConfigApplicationContext one = start(redis, database, threads);
                AnnotationConfigApplicationContext two = start(redis, database, threads)) {
            Users a = one.getBean(Users.class);
            Users b = two.getBean(Users.class);
            database.names.put(1L, "Ann");
            assertThat(a.find(1L).name).isEqualTo("Ann");
            assertThat(b.find(1L).name).isEqualTo("Ann");
            assertThat(database.reads).hasValue(1);

            for (long id = 2; id < 52; id++) {
                long key = id;
                database.names.put(id, "old");
                database.reading = new CountDownLatch(1);
                database.proceed = new CountDownLatch(1);
                Future<User> slow = threads.submit(() -> a.find(key));
                database.reading.await();
                database.names.put(id, "new");
                b.changed(id);
                database.proceed.countDown();
                assertThat(slow.get().name).isEqualTo("old");
                assertThat(a.find(id).name).isEqualTo("new");
                assertThat(b.find(id).name).isEqualTo("new");
            }
            assertThat(one.getBean(SpringCaches.class)
                            .getCache("users")
                            .retrieve(1L)
                            .join())
                    .isNotNull();
        } finally {
            threads.shutdownNow();
        }
    }
}
