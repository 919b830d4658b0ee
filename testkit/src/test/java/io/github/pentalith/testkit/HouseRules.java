// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The rules that every library of the house keeps, as tests: who may know whom, no monitors, null-marked packages, no
 * vague names, a public API equal to its committed listing and every public type explained in the guide.
 *
 * <p>A library extends this class once. After a wanted change of the API run the tests with {@code -Dapi.update=true}
 * and commit the new {@code api.txt}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class HouseRules {
    private static final Pattern VAGUE = Pattern.compile(".*(Util|Utils|Helper|Manager|Impl|Common|Misc)");

    private final String library;
    private final String root;
    private final String[] knows;
    private final Path basedir = Path.of(System.getProperty("module.basedir", "."));
    private final Path output = basedir.resolve("target/classes");
    private JavaClasses imported;

    /**
     * @param library the last part of the root package, such as {@code cache}
     * @param knows packages besides the JDK, slf4j, jspecify and the library's own that its classes may name, in
     *     ArchUnit's notation
     */
    protected HouseRules(String library, String... knows) {
        this.library = library;
        this.root = "io.github.pentalith." + library;
        this.knows = knows;
    }

    /** Packages that a sub-package alone may name; see {@link #onlyIn}. */
    protected List<Exclusive> exclusives() {
        return List.of();
    }

    /** Says that only {@code subpackage} of this library (such as {@code redis}) names {@code foreign}. */
    protected record Exclusive(String subpackage, String foreign) {}

    /** Makes an {@link Exclusive}. */
    protected static Exclusive onlyIn(String subpackage, String foreign) {
        return new Exclusive(subpackage, foreign);
    }

    /** Read once for all rules, as this is most of their time. */
    private JavaClasses imported() {
        if (imported == null) {
            imported = new ClassFileImporter().importPath(output);
        }
        return imported;
    }

    @Test
    void dependencies_ofEveryClass_areDeclared() {
        List<String> allowed = new ArrayList<>(List.of("java..", "javax..", "jdk..", "com.sun..", root + ".."));
        allowed.addAll(List.of("org.slf4j..", "org.jspecify.."));
        allowed.addAll(List.of(knows));
        String[] packages = allowed.toArray(String[]::new);
        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(packages).or(ARRAY_OF_PRIMITIVES))
                .check(imported());
        for (Exclusive rule : exclusives()) {
            noClasses()
                    .that()
                    .resideOutsideOfPackage(root + "." + rule.subpackage + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(rule.foreign)
                    .check(imported());
        }
    }

    private static final DescribedPredicate<JavaClass> ARRAY_OF_PRIMITIVES = DescribedPredicate.describe(
            "primitives", type -> type.getPackageName().isEmpty());

    @Test
    void rootPackage_ofTheLibrary_knowsNoSubPackage() {
        noClasses()
                .that()
                .resideInAPackage(root)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(root + ".*..")
                .allowEmptyShould(true)
                .check(new ClassFileImporter(List.of(ImportOption.Predefined.DO_NOT_INCLUDE_PACKAGE_INFOS))
                        .importPath(output));
    }

    /** A parked virtual thread that holds a monitor pins its carrier on JDK 21 to 23; locks do not. */
    @Test
    void monitors_inMainCode_doNotExist() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : classFiles()) {
            new ClassReader(Files.readAllBytes(file)).accept(new MonitorFinder(found), ClassReader.SKIP_DEBUG);
        }
        assertThat(found).as("monitors in main code; use ReentrantLock").isEmpty();
    }

    @Test
    void packages_ofTheLibrary_areNullMarked() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (Path file : classFiles()) {
            Path info = file.resolveSibling("package-info.class");
            if (!file.getFileName().toString().equals("module-info.class")
                    && (!Files.exists(info)
                            || !new String(Files.readAllBytes(info), StandardCharsets.ISO_8859_1)
                                    .contains("org/jspecify/annotations/NullMarked"))) {
                missing.add(output.relativize(file.getParent()).toString());
            }
        }
        assertThat(missing).as("packages without @NullMarked").isEmpty();
    }

    @Test
    void names_ofTypes_saySomething() {
        List<String> vague = imported().stream()
                .map(JavaClass::getSimpleName)
                .filter(name -> VAGUE.matcher(name).matches())
                .toList();
        assertThat(vague).as("types named Util, Helper, Manager, Impl").isEmpty();
        List<String> rooms = imported().stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.matches(".*\\.(internal|util|impl|common)(\\..*)?"))
                .toList();
        assertThat(rooms).as("packages named internal, util, impl, common").isEmpty();
    }

    @Test
    void publicTypes_ofExportedPackages_areFinalOrSealedOrMeantToBeImplemented() throws Exception {
        List<String> open = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            boolean closed = Modifier.isFinal(type.getModifiers()) || type.isInterface() || type.isSealed();
            if (!closed && !type.isEnum() && !type.isRecord()) {
                open.add(type.getName());
            }
        }
        assertThat(open).as("public classes that anybody may extend").isEmpty();
    }

    @Test
    void publicApi_ofTheLibrary_equalsItsCommittedListing() throws Exception {
        String now = ApiListing.of(publicTypes());
        Path committed = basedir.resolve("api.txt");
        if (Boolean.getBoolean("api.update")) {
            Files.writeString(committed, now);
        }
        assertThat(committed)
                .as("the public API of %s; if the change is meant, run with -Dapi.update=true", library)
                .exists()
                .hasContent(now);
    }

    @Test
    void publicTypes_ofTheLibrary_appearInItsGuide() throws Exception {
        Path guide = basedir.resolve("../docs/guide/" + library + ".md");
        String text = Files.readString(guide);
        List<String> missing = publicTypes().stream()
                .filter(type -> type.getEnclosingClass() == null)
                .map(Class::getSimpleName)
                .filter(name -> !Pattern.compile("\\b" + Pattern.quote(name) + "\\b")
                        .matcher(text)
                        .find())
                .toList();
        assertThat(missing).as("public types that %s does not mention", guide).isEmpty();
    }

    /** Public and nested public types of all packages that the module descriptor exports to everybody. */
    private List<Class<?>> publicTypes() throws Exception {
        ModuleDescriptor descriptor;
        try (var in = Files.newInputStream(output.resolve("module-info.class"))) {
            descriptor = ModuleDescriptor.read(in);
        }
        assertThat(descriptor.name()).isEqualTo(root);
        List<Class<?>> types = new ArrayList<>();
        for (ModuleDescriptor.Exports exported : descriptor.exports()) {
            String folder = exported.source().replace('.', '/');
            try (Stream<Path> files = Files.list(output.resolve(folder))) {
                for (Path file : files.sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(".class") && !name.equals("package-info.class")) {
                        String type = exported.source() + "." + name.substring(0, name.length() - ".class".length());
                        Class<?> loaded = Class.forName(type, false, getClass().getClassLoader());
                        if (visible(loaded)) {
                            types.add(loaded);
                        }
                    }
                }
            }
        }
        return types;
    }

    private static boolean visible(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
            return false;
        }
        Class<?> outer = type.getEnclosingClass();
        return Modifier.isPublic(type.getModifiers()) && (outer == null || visible(outer));
    }

    private List<Path> classFiles() throws IOException {
        try (Stream<Path> files = Files.walk(output)) {
            return files.filter(file -> file.toString().endsWith(".class")).toList();
        }
    }

    private static final class MonitorFinder extends ClassVisitor {
        private final List<String> found;
        private String type = "";

        MonitorFinder(List<String> found) {
            super(Opcodes.ASM9);
            this.found = found;
        }

        @Override
        public void visit(int version, int access, String name, String signature, String parent, String[] interfaces) {
            type = name;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] errors) {
            if ((access & Opcodes.ACC_SYNCHRONIZED) != 0) {
                found.add(type + "." + name + " (synchronized method)");
            }
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitInsn(int opcode) {
                    if (opcode == Opcodes.MONITORENTER) {
                        found.add(type + "." + name + " (synchronized block)");
                    }
                }
            };
        }
    }
}
