// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** R11 for all nodes at once: clocks that nobody reads cannot differ. */
class WallClockTest {
    /** No wall clock is read anywhere: neither skew nor a step can matter. */
    @Test
    void r11_mainCode_readsNoWallClock() throws Exception {
        List<String> calls = new ArrayList<>();
        Path main = Path.of(TieredCache.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(main)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                new ClassReader(Files.readAllBytes(file)).accept(new Calls(calls), ClassReader.SKIP_DEBUG);
            }
        }
        assertThat(calls)
                .contains("java/lang/System.nanoTime")
                .doesNotContain("java/lang/System.currentTimeMillis", "java/time/Instant.now")
                .noneMatch(call -> call.startsWith("java/time/Clock.") || call.startsWith("java/util/Date."));
    }

    private static final class Calls extends ClassVisitor {
        private final List<String> calls;

        Calls(List<String> calls) {
            super(Opcodes.ASM9);
            this.calls = calls;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] errors) {
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitMethodInsn(int code, String owner, String called, String type, boolean ofInterface) {
                    calls.add(owner + "." + called);
                }

                @Override
                public void visitInvokeDynamicInsn(String called, String type, Handle factory, Object... constants) {
                    for (Object constant : constants) {
                        if (constant instanceof Handle handle) {
                            calls.add(handle.getOwner() + "." + handle.getName());
                        }
                    }
                }
            };
        }
    }
}
