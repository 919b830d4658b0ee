// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A cache with a local level only, on a class path that has neither Jedis nor its companions. */
class WithoutJedisTest {
    @Test
    void localLevelAlone_needsNoJedis() throws Exception {
        List<URL> path = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!part.contains("jedis") && !part.contains("commons-pool2")) {
                path.add(new File(part).toURI().toURL());
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> Class.forName("redis.clients.jedis.Connection", false, loader))
                    .isInstanceOf(ClassNotFoundException.class);
            Class<?> program = Class.forName(Program.class.getName(), true, loader);
            Supplier<?> supplier =
                    (Supplier<?>) program.getDeclaredConstructor().newInstance();
            assertThat(supplier.get()).isEqualTo("loaded 1 times");
        }
    }

    /** Runs in the class loader above. */
    public static final class Program implements Supplier<String> {
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
}
