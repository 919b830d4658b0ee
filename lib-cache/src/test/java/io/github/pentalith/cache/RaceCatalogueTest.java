// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** docs/guide/cache-races.md names every race and fault with its test, and every test that is named is there. */
class RaceCatalogueTest {
    @Test
    void catalogue_namesTheTestsThatThereAre() throws Exception {
        String guide = Files.readString(Path.of("../docs/guide/cache-races.md"));
        Set<String> named = new TreeSet<>();
        Matcher names = Pattern.compile("`(\\w+\\.[rf]\\d+_\\w+)`").matcher(guide);
        while (names.find()) {
            named.add(names.group(1));
        }
        Set<String> tests = Stream.of(
                        RacesIT.class,
                        WriteIT.class,
                        WallClockTest.class,
                        FaultsIT.class,
                        PoisonIT.class,
                        ProcessesIT.class)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(Test.class)
                                || method.isAnnotationPresent(ParameterizedTest.class))
                        .map(method -> type.getSimpleName() + "." + method.getName()))
                .filter(name -> name.matches("\\w+\\.[rf]\\d+_.*"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(named).isEqualTo(tests);
        for (int race = 1; race <= 12; race++) {
            String prefix = "RacesIT.r" + race + "_";
            assertThat(named).anyMatch(name -> name.startsWith(prefix));
        }
    }
}
