// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class RequiresToolTest {
    private static final String SAMPLES = "testkit.samples";

    /** Run by the tests below only. */
    @EnabledIfSystemProperty(named = SAMPLES, matches = "true")
    static class SamplesTest {
        @Test
        @RequiresTool("sh")
        void present() {}

        @Test
        @RequiresTool("no-such-tool-at-all")
        void absent() {}

        @Test
        @RequiresTool("sh")
        @RequiresTool(value = "no-such-tool-at-all", debianPackage = "no-such-tools")
        void oneOfTwo() {}
    }

    @RequiresTool(value = "sh", debianPackage = "dash")
    private static final class Annotated {}

    @Test
    void absentTool_skipsTheTestWithOneLine() {
        assertThat(run("false"))
                .containsExactlyInAnyOrder(
                        "present() ran",
                        "absent() skipped: no-such-tool-at-all is not installed: apt-get install no-such-tool-at-all",
                        "oneOfTwo() skipped: no-such-tool-at-all is not installed: apt-get install no-such-tools");
    }

    @Test
    void absentTool_whereToolsAreRequired_failsTheTest() {
        assertThat(run("true"))
                .contains("present() ran")
                .anySatisfy(line -> assertThat(line)
                        .startsWith("absent() failed: ")
                        .contains("no-such-tool-at-all is not installed", "-Dtools.required=true"));
    }

    @Test
    void missing_searchesThePathAndTheSystemDirectories(@TempDir Path directory) throws Exception {
        RequiresTool tool = Annotated.class.getAnnotation(RequiresTool.class);
        assertThat(RequiresTool.Condition.missing(tool, "/nowhere"))
                .isEqualTo("sh is not installed: apt-get install dash");
        assertThat(RequiresTool.Condition.missing(tool, null)).isNotNull();
        Path file = Files.createFile(directory.resolve("sh"));
        assertThat(RequiresTool.Condition.missing(tool, directory.toString())).isNotNull();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        assertThat(RequiresTool.Condition.missing(tool, ":\0:" + directory)).isNull();
    }

    private static List<String> run(String required) {
        String before = System.getProperty("tools.required", "false");
        System.setProperty("tools.required", required);
        System.setProperty(SAMPLES, "true");
        List<String> told = new ArrayList<>();
        TestExecutionListener listener = new TestExecutionListener() {
            @Override
            public void executionSkipped(TestIdentifier test, String reason) {
                told.add(test.getDisplayName() + " skipped: " + reason);
            }

            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                    told.add(result.getThrowable()
                            .map(error -> test.getDisplayName() + " failed: " + error + " " + error.getCause())
                            .orElse(test.getDisplayName() + " ran"));
                }
            }
        };
        try {
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(selectClass(SamplesTest.class))
                    .build();
            LauncherFactory.create().execute(request, listener);
        } finally {
            System.setProperty("tools.required", before);
            System.clearProperty(SAMPLES);
        }
        return told;
    }
}
