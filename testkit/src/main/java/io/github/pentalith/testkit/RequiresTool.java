// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.io.File;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Says that a JUnit test, or every test of a class, runs a program that Maven cannot bring, such as {@code nginx}.
 *
 * <p>Where the program is missing the test is skipped with one line that names the Debian package. With the system
 * property {@code tools.required} set to {@code true}, as on a build server that installs the tools, it fails instead:
 * there a test that silently no longer runs is a defect.
 *
 * <p>Programs are looked for in the directories of {@code PATH} and in {@code /usr/local/sbin}, {@code /usr/sbin} and
 * {@code /sbin}, which the path of an ordinary Debian user lacks. Needs {@code junit-jupiter-api} on the class path.
 *
 * <pre>{@code
 * @Test
 * @RequiresTool("nginx")
 * @RequiresTool(value = "redis-cli", debianPackage = "redis-tools")
 * void weighted_besideNginx_picksAsEvenly() { ... }
 * }</pre>
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(RequiresTool.All.class)
@ExtendWith(RequiresTool.Condition.class)
public @interface RequiresTool {
    /**
     * The name of the program.
     *
     * @return a file name without a directory
     */
    String value();

    /**
     * The Debian package that brings it.
     *
     * @return by default the program's own name
     */
    String debianPackage() default "";

    /** Several tools, as the compiler collects them. */
    @Documented
    @Inherited
    @Target({ElementType.TYPE, ElementType.METHOD})
    @Retention(RetentionPolicy.RUNTIME)
    @ExtendWith(Condition.class)
    @interface All {
        /**
         * The tools.
         *
         * @return one or more
         */
        RequiresTool[] value();
    }

    /** What JUnit asks before each test; not meant to be called. */
    final class Condition implements ExecutionCondition {
        private static final String REQUIRED = "tools.required";

        /** For JUnit. */
        public Condition() {}

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            for (RequiresTool tool :
                    AnnotationSupport.findRepeatableAnnotations(context.getElement(), RequiresTool.class)) {
                String missing = missing(tool, System.getenv("PATH"));
                if (missing != null && Boolean.getBoolean(REQUIRED)) {
                    throw new IllegalStateException(missing + " (and -D" + REQUIRED + "=true)");
                }
                if (missing != null) {
                    return disabled(missing);
                }
            }
            return enabled("every required tool is there");
        }

        /** One line if the tool is not there. */
        static @Nullable String missing(RequiresTool tool, @Nullable String path) {
            if (find(tool.value(), path) != null) {
                return null;
            }
            String wanted = tool.debianPackage().isEmpty() ? tool.value() : tool.debianPackage();
            return tool.value() + " is not installed: apt-get install " + wanted;
        }

        private static @Nullable Path find(String name, @Nullable String path) {
            String places = (path == null ? "" : path + File.pathSeparator)
                    + String.join(File.pathSeparator, "/usr/local/sbin", "/usr/sbin", "/sbin");
            for (String place : places.split(Pattern.quote(File.pathSeparator), -1)) {
                try {
                    Path candidate = Path.of(place, name);
                    if (!place.isEmpty() && Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                        return candidate;
                    }
                } catch (InvalidPathException e) {
                    // A strange entry of PATH is no reason to fail.
                }
            }
            return null;
        }
    }
}
