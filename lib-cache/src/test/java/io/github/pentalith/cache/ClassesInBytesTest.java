// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.cache.json.JsonCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes never name a class: no class is loaded because of what was in them, for 10,000 made to try. */
class ClassesInBytesTest {
    private static final int ROUNDS = 10_000;

    /** Loads this library and these tests anew and notes what it is asked for. */
    private static final class Watching extends URLClassLoader {
        final Set<String> asked = ConcurrentHashMap.newKeySet();

        Watching(URL[] path) {
            super(path, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            asked.add(name);
            return super.loadClass(name, resolve);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void decoding_ofAnyBytes_loadsNoClass(boolean json) throws Exception {
        try (Watching loader = new Watching(WithoutOptionalJarsTest.classPathWithout(List.of()))) {
            LongFunction<?> decoding = (LongFunction<?>) Class.forName(Decoding.class.getName(), true, loader)
                    .getDeclaredConstructor()
                    .newInstance();
            Object warm = decoding.apply(json ? 1 : 2);
            Set<String> before = Set.copyOf(loader.asked);
            long seed = System.nanoTime() & ~1L | (json ? 1 : 0);
            Object refused = decoding.apply(seed);

            assertThat(loader.asked)
                    .as("asked for, seed %d", seed)
                    .allMatch(name -> before.contains(name)
                            || (json && isJacksonsOwnWay(name))); // its caches grow when they like
            assertThat(loader.asked).doesNotContain(Canary.class.getName()).contains(User.class.getName());
            assertThat(warm).isEqualTo(refused);
        }
    }

    /** Of itself, and of collections of the JDK that it takes when it first needs them; the bytes name none of these. */
    private static boolean isJacksonsOwnWay(String name) {
        return name.startsWith("com.fasterxml.jackson.")
                || name.startsWith("java.util.")
                || name.startsWith("java.io.");
    }

    /** Would be loaded if anybody did what the bytes say. */
    static final class Canary implements Serializable {
        private static final long serialVersionUID = 1;
    }

    record User(long id, String name, List<String> roles, Map<String, Integer> scores) {}

    /** Runs in the class loader above: decodes bytes that are broken, or are made to name a class. */
    public static final class Decoding implements LongFunction<String> {
        private static final String CANARY = ClassesInBytesTest.class.getName() + "$Canary";

        @Override
        public String apply(long seed) {
            Random random = new Random(seed);
            Codec<User> codec = seed % 2 == 0 ? Codec.of(User.class) : JsonCodec.of(User.class);
            User user = new User(7, CANARY, List.of("a", CANARY), Map.of("java.lang.Runtime", 1));
            int refused = 0;
            for (int i = 0; i < ROUNDS; i++) {
                byte[] evil = switch (i % 4) {
                    case 0 -> json();
                    case 1 -> serialized();
                    case 2 -> (CANARY + '\0' + CANARY).getBytes(StandardCharsets.UTF_8);
                    default -> flipped(codec.encode(user), random);
                };
                refused += refused(new Wire<>(codec), evil) ? 1 : 0; // as it is: no header
                boolean unused =
                        refused(new Wire<>(codec), withHeader(codec, evil)); // behind a sound one, it may be a value
            }
            return refused + " refused";
        }

        private static boolean refused(Wire<User> wire, byte[] bytes) {
            try {
                Object unused = wire.decode(bytes);
                return false;
            } catch (RuntimeException e) {
                return true;
            }
        }

        /** Magic, codec, schema and checksum as they must be. */
        private static byte[] withHeader(Codec<User> codec, byte[] payload) {
            return new Wire<>(new Codec<byte[]>() {
                        @Override
                        public int id() {
                            return codec.id();
                        }

                        @Override
                        public int schema() {
                            return codec.schema();
                        }

                        @Override
                        public byte[] encode(byte[] value) {
                            return value;
                        }

                        @Override
                        public byte[] decode(ByteBuffer bytes) {
                            throw new UnsupportedOperationException();
                        }
                    })
                    .encode(payload);
        }

        private static byte[] json() {
            return ("{\"@class\":\"" + CANARY + "\",\"id\":1,\"name\":[\"" + CANARY + "\",{}]}")
                    .getBytes(StandardCharsets.UTF_8);
        }

        /** A stream of Java serialization that names the canary, which need not be loaded for that. */
        private static byte[] serialized() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(CANARY);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            byte[] text = bytes.toByteArray();
            byte[] name = CANARY.getBytes(StandardCharsets.UTF_8);
            ByteBuffer object = ByteBuffer.allocate(text.length + name.length + 20);
            object.put(text, 0, 4).put((byte) 0x73).put((byte) 0x72).putShort((short)
                    name.length); // TC_OBJECT, TC_CLASSDESC
            object.put(name)
                    .putLong(1)
                    .put((byte) 2)
                    .putShort((short) 0)
                    .put((byte) 0x78)
                    .put((byte) 0x70);
            return Arrays.copyOf(object.array(), object.position());
        }

        private static byte[] flipped(byte[] bytes, Random random) {
            byte[] broken = bytes.clone();
            broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
            return broken;
        }
    }
}
