// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pentalith.sharding.ShardMapFormatException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ShardMapBytesTest {
    private static final HashShardMap<String> SMALL = small();

    private static HashShardMap<String> small() {
        HashShardMap<String> map = ShardMap.builder(KeyHasher.strings())
                .placement(Placement.slots(64))
                .node(Node.of("db-1").weight(2).zone("eu-a"))
                .node(Node.of("db-2").zone("eu-b"))
                .node(Node.of("dß-3"))
                .epoch(41)
                .build();
        return map.with(Node.of("db-4").weight(300));
    }

    private static ShardMapFormatException failure(byte[] bytes) {
        ShardMapFormatException thrown = catchThrowableOfType(
                ShardMapFormatException.class, () -> HashShardMap.fromBytes(bytes, KeyHasher.strings()));
        assertThat(thrown).isNotNull();
        return thrown;
    }

    private static void assertFails(byte[] bytes, Reason reason, int offset) {
        ShardMapFormatException thrown = failure(bytes);
        assertThat(thrown.reason()).as(thrown.getMessage()).isEqualTo(reason);
        assertThat(thrown.offset()).as(thrown.getMessage()).isEqualTo(offset);
        assertThat(thrown).hasMessageEndingWith(": reason=" + reason + ", offset=" + offset);
    }

    /** The body in a frame whose length and checksum are right. */
    private static byte[] framed(byte[] body) {
        ByteBuffer out = ByteBuffer.allocate(9 + body.length + 4);
        out.put("PSHM".getBytes(StandardCharsets.US_ASCII)).put((byte) 1);
        out.putInt(body.length).put(body);
        CRC32C crc = new CRC32C();
        crc.update(out.array(), 0, out.position());
        out.putInt((int) crc.getValue());
        return out.array();
    }

    private static byte[] body(String... hexOrText) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String part : hexOrText) {
            byte[] bytes = part.startsWith("'")
                    ? part.substring(1).getBytes(StandardCharsets.UTF_8)
                    : HexFormat.of().parseHex(part.replace(" ", ""));
            if (part.startsWith("'")) {
                out.write(bytes.length);
            }
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    private static final String EPOCH = "00 00 00 00 00 00 00 07";
    private static final String HASHER = "'rapidhash3/utf16";

    @Test
    void fromBytes_ofToBytes_isTheSameMap() {
        HashShardMap<String> read = HashShardMap.fromBytes(SMALL.toBytes(), KeyHasher.strings());
        assertThat(read.toBytes()).isEqualTo(SMALL.toBytes());
        assertThat(read.epoch()).isEqualTo(42);
        assertThat(read.nodes()).isEqualTo(SMALL.nodes());
        assertThat(read.placement()).isEqualTo(SMALL.placement());
        assertThat(read.with(Node.of("x")).toBytes())
                .isEqualTo(SMALL.with(Node.of("x")).toBytes());
    }

    /** Frozen: if this fails, the format changed, and maps of earlier versions may have become unreadable. */
    @Test
    void toBytes_ofAKnownMap_neverChange() throws IOException {
        try (InputStream golden = getClass().getResourceAsStream("shard-map-v1.bin")) {
            assertThat(golden).as("the frozen bytes").isNotNull();
            byte[] bytes = golden.readAllBytes();
            assertThat(SMALL.toBytes()).isEqualTo(bytes);
            assertThat(HashShardMap.fromBytes(bytes, KeyHasher.strings()).locate("user:42"))
                    .isEqualTo(SMALL.locate("user:42"));
        }
    }

    @Test
    void toBytes_inAnotherLocale_areTheSame() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));
            assertThat(small().toBytes()).isEqualTo(SMALL.toBytes());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void toBytes_ofManyNodesAfterManyChanges_areSmall() {
        HashShardMap<String> map = ShardMap.builder(KeyHasher.strings())
                .nodes(Topologies.equal(1_000))
                .build();
        assertThat(map.toBytes()).hasSizeLessThan(32 * 1024);
        for (int i = 0; i < 100; i++) {
            map = map.without("node-" + i).with(Node.of("later-" + i));
        }
        assertThat(map.toBytes()).hasSizeLessThan(96 * 1024);
        assertThat(HashShardMap.fromBytes(map.toBytes(), KeyHasher.strings()).placement())
                .isEqualTo(map.placement());
    }

    @Test
    void fromBytes_ofAMapWhoseZonesChanged_keepsTheCopies() {
        HashShardMap<String> map = ShardMap.builder(KeyHasher.strings())
                .placement(Placement.slots(1_024))
                .nodes(IntStream.range(0, 6)
                        .mapToObj(i -> Node.of("n" + i).zone("z" + i % 3))
                        .toList())
                .build();
        HashShardMap<String> next = map.with(Node.of("n6").zone("z3"));
        assertThat(((SlotPlacement) map.placement()).kept()).isEmpty();
        assertThat(((SlotPlacement) next.placement()).kept()).hasSize(1_024);
        HashShardMap<String> read = HashShardMap.fromBytes(next.toBytes(), KeyHasher.strings());
        assertThat(read.placement()).isEqualTo(next.placement());
        for (int i = 0; i < 1_000; i++) {
            assertThat(read.replicas("user:" + i, 3)).isEqualTo(next.replicas("user:" + i, 3));
        }
    }

    @Test
    void fromBytes_ofScatteredSlots_areReadFromThePackedForm() {
        for (int size : new int[] {1, 2, 5, 64}) {
            Node[] nodes = Node.sorted(Topologies.equal(size));
            int[] table = new int[64];
            Arrays.setAll(table, slot -> slot * 37 % size);
            HashShardMap<String> map = new HashShardMap<>(
                    KeyHasher.strings(), SlotPlacement.choice(64).restored(nodes, table, new int[0]), 1);
            assertThat(HashShardMap.fromBytes(map.toBytes(), KeyHasher.strings())
                            .placement())
                    .isEqualTo(map.placement());
        }
    }

    @Test
    void fromBytes_truncatedAnywhere_saysSo() {
        byte[] bytes = SMALL.toBytes();
        for (int length = 0; length < bytes.length; length++) {
            assertFails(Arrays.copyOf(bytes, length), Reason.TRUNCATED, length);
        }
    }

    @Test
    void fromBytes_withAnyBitFlipped_isRefused() {
        byte[] bytes = SMALL.toBytes();
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            ShardMapFormatException thrown = failure(flipped);
            assertThat(thrown.reason()).isNotIn(Reason.OTHER_HASHER, Reason.UNKNOWN_PLACEMENT);
            if (bit / 8 < 4) {
                assertThat(thrown.reason()).isEqualTo(Reason.NOT_A_SHARD_MAP);
                assertThat(thrown.offset()).isEqualTo(bit / 8);
            } else if (bit / 8 == 4) {
                assertThat(thrown.reason()).isEqualTo(Reason.UNKNOWN_VERSION);
                assertThat(thrown.offset()).isEqualTo(4);
            }
        }
    }

    @Test
    void fromBytes_foreign_isRefused() {
        assertFails("hello, world, this is no map".getBytes(StandardCharsets.US_ASCII), Reason.NOT_A_SHARD_MAP, 0);
        assertFails(new byte[100], Reason.NOT_A_SHARD_MAP, 0);
        assertFails(new byte[] {'P', 'S', 'x'}, Reason.NOT_A_SHARD_MAP, 2);
    }

    @Test
    void fromBytes_ofALaterVersion_isRefused() {
        byte[] bytes = SMALL.toBytes();
        bytes[4] = 2;
        assertFails(bytes, Reason.UNKNOWN_VERSION, 4);
        assertThat(failure(bytes)).hasMessageStartingWith("version must be known: version=2 (expected: 1)");
    }

    @Test
    void fromBytes_withMoreBehind_isRefused() {
        byte[] bytes = SMALL.toBytes();
        assertFails(Arrays.copyOf(bytes, bytes.length + 1), Reason.CORRUPT, bytes.length);
    }

    @Test
    void fromBytes_forAnotherHasher_isRefused() {
        assertThatExceptionOfType(ShardMapFormatException.class)
                .isThrownBy(() -> HashShardMap.fromBytes(SMALL.toBytes(), KeyHasher.utf8()))
                .withMessage("hasher must have the id of the written map's: id=rapidhash3/utf8"
                        + " (expected: rapidhash3/utf16): reason=OTHER_HASHER, offset=17")
                .satisfies(thrown -> assertThat(thrown.reason()).isEqualTo(Reason.OTHER_HASHER));
    }

    @Test
    void fromBytes_ofAnUnknownPlacement_isRefused() {
        for (String id : List.of("'spiral/3", "'slots/17", "'slots/", "'slots/064")) {
            assertFails(framed(body(EPOCH, HASHER, id, "01", "'a", "01 00", "00")), Reason.UNKNOWN_PLACEMENT, 34);
        }
    }

    @Test
    void fromBytes_wellFramedButWrongInside_isRefused() {
        String slots = "'slots/16";
        assertThat(HashShardMap.fromBytes(
                                framed(body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "01 00 ff")),
                                KeyHasher.strings())
                        .nodes())
                .hasSize(2);
        List<byte[]> wrong = List.of(
                body("00 00 00 00 00 00 00 00", HASHER, slots, "01", "'a", "01 00", "01"),
                body("80 00 00 00 00 00 00 00", HASHER, slots, "01", "'a", "01 00", "01"),
                body("00 00"),
                body(EPOCH, "7f 41"),
                body(EPOCH, HASHER, slots, "00"),
                body(EPOCH, HASHER, slots, "ff ff ff ff 07", "'a"),
                body(EPOCH, HASHER, slots, "ff ff ff ff 0f", "'a"),
                body(EPOCH, HASHER, slots, "ff ff ff ff ff 00", "'a"),
                body(EPOCH, HASHER, slots, "81 00", "'a", "01 00", "01"),
                body(EPOCH, HASHER, slots, "01", "'a", "00 00", "01"),
                body(EPOCH, HASHER, slots, "01", "00", "01 00", "01"),
                body(EPOCH, HASHER, slots, "02", "'b", "01 00", "'a", "01 00", "01 00 ff"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'a", "01 00", "01 00 ff"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "02"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "01 00 00"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "01 00"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "01 00 ff 00"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "00 00 08 01 08"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "00 00 08 02 08"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "00 00 08 01 09"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "00 00 08 01 00"),
                body(EPOCH, HASHER, slots, "03", "'a", "01 00", "'b", "01 00", "'c", "01 00", "01 ff ff ff ff"),
                body(EPOCH, HASHER, slots, "01", "01 ff", "01 00", "01"),
                // A copy kept in the owner's zone, in a zone of one node, by a node that is none, by nobody at all.
                body(EPOCH, HASHER, slots, "02", "'a", "01", "'z", "'b", "01", "'z", "00 00 08 01 08", "01 10"),
                body(EPOCH, HASHER, slots, "02", "'a", "01", "'y", "'b", "01", "'z", "00 00 08 01 08", "00 08 01 08"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "00 00 08 01 08", "03 10"),
                body(EPOCH, HASHER, slots, "02", "'a", "01 00", "'b", "01 00", "00 00 08 01 08", "00 10"));
        for (byte[] body : wrong) {
            ShardMapFormatException thrown = failure(framed(body));
            assertThat(thrown.reason())
                    .as(HexFormat.of().formatHex(body) + " " + thrown.getMessage())
                    .isEqualTo(Reason.CORRUPT);
            assertThat(thrown.offset()).isBetween(9, 9 + body.length + 4);
        }
    }

    @Test
    void fromBytes_null_isRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> HashShardMap.fromBytes(null, KeyHasher.strings()))
                .withMessage("bytes");
        assertThatNullPointerException()
                .isThrownBy(() -> HashShardMap.fromBytes(new byte[0], null))
                .withMessage("hasher");
    }
}
