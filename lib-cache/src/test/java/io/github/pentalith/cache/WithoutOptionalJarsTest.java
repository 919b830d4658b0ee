// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The class path without what is optional: Jedis and its companions, Spring, Jackson, JSpecify. */
class WithoutOptionalJarsTest {
    private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));
    private static final List<String> OTHERS =
            List.of("spring", "micrometer", "commons-logging", "jackson", "jspecify");

    @ParameterizedTest
    @CsvSource({"Local, true, loaded 1 times", "Remote, false, loaded 2 times"})
    void cache_withoutOptionalJars_works(String program, boolean withoutJedis, String expected) throws Exception {
        List<String> left = new ArrayList<>(OTHERS);
        List<String> missing =
                new ArrayList<>(List.of("org.springframework.cache.Cache", "com.fasterxml.jackson.core.JsonFactory"));
        if (withoutJedis) {
            left.addAll(List.of("jedis", "commons-pool2"));
            missing.add("redis.clients.jedis.Connection");
        }
        try (URLClassLoader loader = new URLClassLoader(classPathWithout(left), ClassLoader.getPlatformClassLoader())) {
            for (String name : missing) {
                assertThatThrownBy(() -> Class.forName(name, false, loader)).isInstanceOf(ClassNotFoundException.class);
            }
            Class<?> type = Class.forName(WithoutOptionalJarsTest.class.getName() + "$" + program, true, loader);
            Supplier<?> supplier = (Supplier<?>) type.getDeclaredConstructor().newInstance();
            assertThat(supplier.get()).isEqualTo(expected);
        }
    }

    /** The class path of these tests without the files whose names contain one of these words. */
    static URL[] classPathWithout(List<String> words) throws MalformedURLException {
        List<URL> path = new ArrayList<>();
        for (String part : SEPARATOR.split(System.getProperty("java.class.path"))) {
            String file = new File(part).getName();
            if (words.stream().noneMatch(file::contains)) {
                path.add(new File(part).toURI().toURL());
            }
        }
        return path.toArray(URL[]::new);
    }

    /** Runs in the class loader above. */
    public static final class Local implements Supplier<String> {
        @Override
        public String get() {
            int[] loads = {0};
            try (TieredCache<String, String> cache = TieredCache.builder("alone", String.class, String.class)
                    .loader(key -> key + ++loads[0])
                    .build()) {
                String unused = cache.get("k") + cache.get("k");
                return "loaded " + loads[0] + " times";
            }
        }
    }

    /** The same with a remote level, at an address where nobody listens. */
    public static final class Remote implements Supplier<String> {
        @Override
        public String get() {
            int[] loads = {0};
            try (TieredCache<String, String> cache = TieredCache.builder("alone", String.class, String.class)
                    .remote(io.github.pentalith.cache.redis.RedisStore.of("redis://127.0.0.1:1"))
                    .maximumSize(0)
                    .loader(key -> key + ++loads[0])
                    .build()) {
                String unused = cache.get("k") + cache.get("k");
                return "loaded " + loads[0] + " times";
            }
        }
    }
}
