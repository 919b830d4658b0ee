// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.cache.EntryOptions;
import io.github.pentalith.cache.TieredCache;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.cache.Cache;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A real application context, with local caches; {@link SpringCachesIT} has the remote level. */
class SpringCachesTest {
    private AnnotationConfigApplicationContext context;
    private Users users;
    private Cache cache;

    /** What an application has. */
    @Configuration
    @EnableCaching
    static class Application {
        @Bean
        SpringCaches cacheManager() {
            EntryOptions options = EntryOptions.of(Duration.ofMinutes(10)).negativeTtl(Duration.ofMinutes(1));
            return SpringCaches.of(
                    TieredCache.<Object, Object>builder("users").entry(options).build(),
                    TieredCache.<Object, Object>builder("forgetful").build());
        }

        @Bean
        Users users() {
            return new Users();
        }
    }

    static class NotFound extends Exception {
        private static final long serialVersionUID = 1;
    }

    static class Users {
        private final Map<Long, String> table = new ConcurrentHashMap<>();
        private final AtomicInteger calls = new AtomicInteger();

        /** Fields of the proxy are not those of its target. */
        public Map<Long, String> table() {
            return table;
        }

        public AtomicInteger calls() {
            return calls;
        }

        @Cacheable("users")
        public String find(Long id) {
            calls.incrementAndGet();
            return table.get(id);
        }

        @Cacheable(cacheNames = "users", sync = true)
        public String findOnce(Long id) throws InterruptedException {
            calls.incrementAndGet();
            Thread.sleep(20); // long enough that all callers meet here if nothing stops them
            return table.get(id);
        }

        @Cacheable(cacheNames = "users", sync = true)
        public String required(Long id) throws NotFound {
            calls.incrementAndGet();
            if (!table.containsKey(id)) {
                throw new NotFound();
            }
            return table.get(id);
        }

        @Cacheable(cacheNames = "users", key = "#id")
        public CompletableFuture<String> findLater(Long id) {
            calls.incrementAndGet();
            return CompletableFuture.completedFuture(table.get(id));
        }

        @Cacheable(cacheNames = "users", key = "#id", sync = true)
        public CompletableFuture<String> findLaterOnce(Long id) {
            calls.incrementAndGet();
            return table.containsKey(id)
                    ? CompletableFuture.supplyAsync(() -> table.get(id))
                    : CompletableFuture.failedFuture(new NotFound());
        }

        @Cacheable("forgetful")
        public String findForgetfully(Long id) {
            calls.incrementAndGet();
            return table.get(id);
        }

        @Cacheable("forgetful")
        public String full(String first, String last) {
            calls.incrementAndGet();
            return first + " " + last;
        }

        @CachePut(cacheNames = "users", key = "#id")
        public String rename(Long id, String name) {
            table.put(id, name);
            return name;
        }

        @CacheEvict("users")
        public void delete(Long id) {
            table.remove(id);
        }

        @CacheEvict(cacheNames = "users", allEntries = true, beforeInvocation = true)
        public void deleteAll() {
            table.clear();
        }
    }

    @BeforeEach
    void start() {
        context = new AnnotationConfigApplicationContext(Application.class);
        users = context.getBean(Users.class);
        cache = context.getBean(SpringCaches.class).getCache("users");
        users.table().put(1L, "Ann");
    }

    @AfterEach
    void stop() {
        context.close();
    }

    @Test
    void cacheable_isCalledOncePerKeyUntilItIsEvicted() {
        assertThat(users.find(1L)).isEqualTo("Ann");
        assertThat(users.find(1L)).isEqualTo("Ann");
        assertThat(users.calls()).hasValue(1);
        users.rename(1L, "Anna");
        assertThat(users.find(1L)).isEqualTo("Anna");
        assertThat(users.calls()).hasValue(1);
        users.delete(1L);
        assertThat(users.find(1L)).isNull();
        users.deleteAll();
        users.rename(2L, "Bob");
        assertThat(users.find(2L)).isEqualTo("Bob");
        assertThat(users.calls()).hasValue(2);
    }

    @Test
    void cacheable_ofNull_isRememberedForTheNegativeTtl() {
        assertThat(users.find(9L)).isNull();
        assertThat(users.find(9L)).isNull();
        assertThat(users.calls()).hasValue(1);
        assertThat(cache.get(9L))
                .isNotNull()
                .extracting(Cache.ValueWrapper::get)
                .isNull();
        assertThat(users.findForgetfully(9L)).isNull();
        assertThat(users.findForgetfully(9L)).isNull();
        assertThat(users.calls()).hasValue(3);
    }

    @Test
    void cacheable_ofSeveralArguments_hasThemAllAsKey() {
        assertThat(users.full("Ann", "Lee")).isEqualTo("Ann Lee");
        assertThat(users.full("Ann", "Lee")).isEqualTo("Ann Lee");
        assertThat(users.full("Ann", "Poe")).isEqualTo("Ann Poe");
        assertThat(users.calls()).hasValue(2);
    }

    @Test
    void sync_withManyCallers_callsTheMethodOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(32);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<String>> found = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                found.add(threads.submit(() -> {
                    start.await();
                    return users.findOnce(1L);
                }));
            }
            start.countDown();
            for (Future<String> each : found) {
                assertThat(each.get()).isEqualTo("Ann");
            }
            assertThat(users.calls()).hasValue(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void sync_ofAMethodThatThrows_throwsTheSame() throws Exception {
        assertThatThrownBy(() -> users.required(9L)).isExactlyInstanceOf(NotFound.class);
        assertThatThrownBy(() -> users.required(9L)).isExactlyInstanceOf(NotFound.class);
        assertThat(users.calls()).hasValue(2);
        assertThat(users.required(1L)).isEqualTo("Ann");
    }

    @Test
    void futures_areCachedByTheirResult() throws Exception {
        assertThat(users.findLater(1L).get()).isEqualTo("Ann");
        assertThat(users.findLater(1L).get()).isEqualTo("Ann");
        assertThat(users.calls()).hasValue(1);
        assertThat(users.findLater(9L).get()).isNull();
        assertThat(users.findLater(9L).get()).isNull();
        assertThat(users.calls()).hasValue(2);
    }

    @Test
    void futures_withSync_areAwaitedOnceAndFailAsTheyDo() throws Exception {
        assertThat(users.findLaterOnce(1L).get()).isEqualTo("Ann");
        assertThat(users.findLaterOnce(1L).get()).isEqualTo("Ann");
        assertThat(users.calls()).hasValue(1);
        CompletableFuture<String> missing = users.findLaterOnce(9L);
        assertThatThrownBy(missing::get).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(NotFound.class);
    }

    @Test
    void get_withACallable_loadsOnceAndWrapsWhatItThrows() {
        assertThat(cache.get("k", () -> "v")).isEqualTo("v");
        assertThat(cache.get("k", () -> "w")).isEqualTo("v");
        assertThat(cache.get("k", String.class)).isEqualTo("v");
        assertThatThrownBy(() -> cache.get("k", Integer.class)).isInstanceOf(IllegalStateException.class);
        IOException error = new IOException("down");
        assertThatThrownBy(() -> cache.get("other", () -> {
                    throw error;
                }))
                .isInstanceOf(Cache.ValueRetrievalException.class)
                .hasCause(error);
        assertThatThrownBy(() -> cache.get("other", () -> {
                    throw new InterruptedException();
                }))
                .isInstanceOf(Cache.ValueRetrievalException.class);
        assertThat(Thread.interrupted()).as("the flag").isTrue();
        String none = cache.get("none", () -> null);
        assertThat(none).isNull();
        assertThat(cache.get("none")).isNotNull();
        assertThat(cache.get("unknown")).isNull();
    }

    @Test
    void retrieve_tellsMissesNullsAndErrorsApart() {
        assertThat(cache.retrieve("k").join()).isNull();
        cache.put("k", "v");
        cache.put("null", null);
        assertThat(cache.retrieve("k").join())
                .isInstanceOfSatisfying(
                        Cache.ValueWrapper.class,
                        wrapper -> assertThat(wrapper.get()).isEqualTo("v"));
        assertThat(cache.retrieve("null").join())
                .isInstanceOfSatisfying(
                        Cache.ValueWrapper.class,
                        wrapper -> assertThat(wrapper.get()).isNull());
        String held = cache.retrieve("k", () -> CompletableFuture.completedFuture("w"))
                .join();
        assertThat(held).isEqualTo("v");
        assertThatThrownBy(() -> cache.retrieve("e", () -> {
                            throw new IllegalStateException("no future");
                        })
                        .join())
                .hasRootCauseMessage("no future");
    }

    @Test
    void putIfAbsent_storesForOneAndTellsTheOthers() {
        assertThat(cache.putIfAbsent("k", "1")).isNull();
        assertThat(cache.putIfAbsent("k", "2"))
                .isNotNull()
                .extracting(Cache.ValueWrapper::get)
                .isEqualTo("1");
        assertThat(cache.putIfAbsent("n", null)).isNull();
        assertThat(cache.putIfAbsent("n", "2"))
                .isNotNull()
                .extracting(Cache.ValueWrapper::get)
                .isNull();
    }

    @Test
    void evict_andClear_removeEntries() {
        cache.put("k", "v");
        cache.put("l", "w");
        assertThat(cache.evictIfPresent("k")).isTrue();
        assertThat(cache.evictIfPresent("k")).isFalse();
        cache.evict("k");
        cache.clear();
        assertThat(cache.get("l")).isNull();
    }

    @Test
    void manager_knowsItsCachesAndClosesThem() {
        SpringCaches manager = context.getBean(SpringCaches.class);
        assertThat(manager.getCacheNames()).containsExactly("users", "forgetful");
        assertThat(manager.getCache("unknown")).isNull();
        assertThat(manager).hasToString("SpringCaches[users, forgetful]");
        assertThat(cache.getName()).isEqualTo("users");
        assertThat(cache.toString()).startsWith("TieredCache[users");
        TieredCache<?, ?> tiered = (TieredCache<?, ?>) cache.getNativeCache();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SpringCaches.of(tiered, tiered))
                .withMessage("names of caches must differ: name=users (expected: each once)");
        context.close();
        assertThatThrownBy(() -> cache.get("k")).hasMessage("cache users is closed");
    }
}
