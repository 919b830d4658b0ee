// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.sharding.ShardMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path HOUSE =
            Path.of(System.getProperty("module.basedir", ".")).resolve("../..");
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);

    @Test
    void run_asInTheReadme_loadsOnceAndMeasures() {
        Map<String, Map<String, Readme.User>> databases = new HashMap<>();
        ShardMap.of("db-1", "db-2", "db-3").nodes().forEach(node -> databases.put(node.id(), new HashMap<>()));
        databases
                .get(ShardMap.of("db-1", "db-2", "db-3").locate("ada").id())
                .put("ada", new Readme.User("ada", "Ada Lovelace"));
        Readme readme = new Readme(databases);
        assertThat(readme.run())
                .startsWith("asked 10.0.0.")
                .contains("for Ada Lovelace", "shop_answer_seconds_count 1");
        assertThat(readme.selects).isEqualTo(1);
    }

    @Test
    void readme_javaBlocks_areCompiledInThisModule() throws IOException {
        List<String> blocks = javaBlocks(Files.readString(HOUSE.resolve("README.md")));
        assertThat(blocks).isNotEmpty();
        String sources = squeeze(allSources());
        for (String block : blocks) {
            assertThat(sources).contains(squeeze(block));
        }
    }

    @Test
    void guide_recipeOfTheBalancedRetry_isTheCompiledOne() throws IOException {
        String guide = Files.readString(HOUSE.resolve("docs/guide/loadbalance.md"));
        String recipe = javaBlocks(guide.substring(guide.indexOf("## Retry on another endpoint")))
                .get(0);
        String sources = squeeze(allSources());
        for (String part : recipe.split("\\R\\R")) {
            assertThat(sources).contains(squeeze(part));
        }
    }

    @Test
    void readme_firstJava_standsByLineTwelve() throws IOException {
        assertThat(Files.readAllLines(HOUSE.resolve("README.md")).subList(0, 12))
                .contains("```java");
    }

    private static List<String> javaBlocks(String text) {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = JAVA_BLOCK.matcher(text);
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    private static String allSources() throws IOException {
        try (Stream<Path> files = Files.walk(HOUSE.resolve("examples/quickstart/src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(ReadmeTest::read)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Without white space: the formatter and the README break lines in different places. */
    private static String squeeze(String text) {
        return text.replaceAll("\\s+", "");
    }
}
