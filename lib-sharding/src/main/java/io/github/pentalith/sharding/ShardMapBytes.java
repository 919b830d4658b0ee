// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import io.github.pentalith.sharding.ShardMapFormatException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The bytes of a hash shard map, format 1.
 *
 * <pre>
 * magic     4  "PSHM"
 * version   1  1
 * length    4  of the body, big endian
 * body         epoch (8, big endian), hasher id, placement id, number of nodes, nodes (id, weight, zone or ""), table
 * checksum  4  CRC-32C of all before, big endian
 * </pre>
 *
 * Numbers are unsigned LEB128, at most five bytes; texts are UTF-8 after their length in bytes. Only slots have a table:
 * a byte 0 and runs (index of the node, slots), or a byte 1 and the indices in the fewest bits each, most significant
 * first, padded with zeros; whichever is shorter, runs if equal. Where nodes keep copies that they owned first, runs of
 * them follow: 0 for nobody or the index of the node and 1, slots. Every map has just one form, and the reader accepts no
 * other, so that equal maps are equal bytes.
 */
final class ShardMapBytes {
    private static final byte[] MAGIC = {'P', 'S', 'H', 'M'};
    private static final int VERSION = 1;
    private static final int HEADER = 9;
    private static final int CHECKSUM = 4;
    private static final int RUNS = 0;
    private static final int PACKED = 1;

    private ShardMapBytes() {}

    static byte[] write(HashShardMap<?> map) {
        Writer body = new Writer();
        body.bytes(ByteBuffer.allocate(8).putLong(map.epoch()).array());
        body.text(map.hasher().id());
        body.text(map.placement().id());
        body.number(map.nodes().size());
        for (Node node : map.nodes()) {
            body.text(node.id());
            body.number(node.weight());
            String zone = node.zone();
            body.text(zone == null ? "" : zone);
        }
        if (map.placement() instanceof SlotPlacement slots) {
            writeTable(body, slots.table(), map.nodes().size());
            writeRuns(body, slots.kept(), 1);
        }
        byte[] content = body.toByteArray();
        ByteBuffer out = ByteBuffer.allocate(HEADER + content.length + CHECKSUM);
        out.put(MAGIC).put((byte) VERSION).putInt(content.length).put(content);
        out.putInt(checksum(out.array(), out.position()));
        return out.array();
    }

    private static void writeTable(Writer body, int[] table, int nodes) {
        Writer runs = new Writer();
        writeRuns(runs, table, 0);
        int bits = bitsPerSlot(nodes);
        if (runs.size() <= ((long) table.length * bits + 7) / 8) {
            body.write(RUNS);
            body.bytes(runs.toByteArray());
        } else {
            body.write(PACKED);
            body.packed(table, bits);
        }
    }

    private static void writeRuns(Writer out, int[] values, int base) {
        for (int from = 0; from < values.length; ) {
            int to = from + 1;
            while (to < values.length && values[to] == values[from]) {
                to++;
            }
            out.number(values[from] + base);
            out.number(to - from);
            from = to;
        }
    }

    private static int bitsPerSlot(int nodes) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(nodes - 1);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    static <K> HashShardMap<K> read(byte[] bytes, KeyHasher<K> hasher) {
        checkFrame(bytes);
        Reader in = new Reader(bytes, HEADER, bytes.length - CHECKSUM);
        long epoch = in.epoch();
        int at = in.position;
        String hasherId = in.text();
        if (!hasherId.equals(hasher.id())) {
            throw new ShardMapFormatException(
                    Reason.OTHER_HASHER,
                    at,
                    "hasher must have the id of the written map's: id=" + hasher.id() + " (expected: " + hasherId
                            + ")");
        }
        at = in.position;
        String placementId = in.text();
        Placement choice = NodeTable.choice(placementId);
        if (choice == null) {
            throw new ShardMapFormatException(
                    Reason.UNKNOWN_PLACEMENT, at, "placement must be known: id=" + placementId);
        }
        Node[] nodes = readNodes(in);
        Placement placement = readPlacement(in, choice, nodes);
        HashShardMap<K> map = new HashShardMap<>(hasher, placement, epoch);
        if (in.position != in.end) {
            throw in.corrupt("content must end with the table");
        }
        byte[] form = write(map);
        int other = Arrays.mismatch(form, HEADER, form.length - CHECKSUM, bytes, HEADER, in.end);
        if (other >= 0) {
            throw new ShardMapFormatException(
                    Reason.CORRUPT, HEADER + other, "content must have the one form of its map");
        }
        return map;
    }

    private static void checkFrame(byte[] bytes) {
        for (int i = 0; i < Math.min(MAGIC.length, bytes.length); i++) {
            if (bytes[i] != MAGIC[i]) {
                throw new ShardMapFormatException(Reason.NOT_A_SHARD_MAP, i, "bytes must begin with PSHM");
            }
        }
        if (bytes.length > MAGIC.length && bytes[MAGIC.length] != VERSION) {
            throw new ShardMapFormatException(
                    Reason.UNKNOWN_VERSION,
                    MAGIC.length,
                    "version must be known: version=" + (bytes[MAGIC.length] & 0xff) + " (expected: 1)");
        }
        long length =
                bytes.length < HEADER ? Long.MAX_VALUE : ByteBuffer.wrap(bytes).getInt(HEADER - 4) & 0xffffffffL;
        if (bytes.length < HEADER || bytes.length < HEADER + length + CHECKSUM) {
            throw new ShardMapFormatException(Reason.TRUNCATED, bytes.length, "bytes must not end before the map does");
        }
        int end = bytes.length - CHECKSUM;
        if (end != HEADER + length) {
            throw new ShardMapFormatException(
                    Reason.CORRUPT, (int) (HEADER + length + CHECKSUM), "nothing must follow the map");
        }
        if (checksum(bytes, end) != ByteBuffer.wrap(bytes).getInt(end)) {
            throw new ShardMapFormatException(Reason.CORRUPT, end, "checksum must match");
        }
    }

    private static Node[] readNodes(Reader in) {
        int count = in.number();
        // Each node takes at least four bytes, so a wrong count cannot ask for much memory.
        if (count < 1 || count > in.end - in.position) {
            throw in.corrupt("number of nodes must fit");
        }
        Node[] nodes = new Node[count];
        for (int i = 0; i < count; i++) {
            String id = in.text();
            int weight = in.number();
            String zone = in.text();
            try {
                nodes[i] = new Node(id, weight, zone.isEmpty() ? null : zone);
            } catch (IllegalArgumentException e) {
                throw in.corrupt(String.valueOf(e.getMessage()));
            }
        }
        return nodes;
    }

    private static Placement readPlacement(Reader in, Placement choice, Node[] nodes) {
        try {
            if (choice instanceof SlotPlacement slots) {
                if (!Arrays.equals(Node.sorted(Arrays.asList(nodes)), nodes)) {
                    throw in.corrupt("nodes must be sorted by id");
                }
                int[] table = readTable(in, slots.slots(), nodes.length);
                int[] kept = new int[in.position < in.end ? table.length : 0];
                readRuns(in, kept, 1, nodes.length);
                return slots.restored(nodes, table, kept);
            }
            return choice.over(Arrays.asList(nodes));
        } catch (ShardMapFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw in.corrupt(String.valueOf(e.getMessage()));
        }
    }

    private static int[] readTable(Reader in, int slots, int nodes) {
        int form = in.number();
        int[] table = new int[slots];
        if (form == RUNS) {
            readRuns(in, table, 0, nodes);
        } else if (form == PACKED) {
            in.packed(table, bitsPerSlot(nodes));
        } else {
            throw in.corrupt("form of the table must be 0 or 1");
        }
        boolean[] seen = new boolean[nodes];
        for (int owner : table) {
            if (owner >= nodes) {
                throw in.corrupt("owner must be a node");
            }
            seen[owner] = true;
        }
        for (boolean one : seen) {
            if (!one) {
                throw in.corrupt("every node must own a slot");
            }
        }
        return table;
    }

    private static void readRuns(Reader in, int[] values, int base, int nodes) {
        for (int from = 0; from < values.length; ) {
            int value = in.number();
            int length = in.number();
            if (value >= nodes + base || length < 1 || length > values.length - from) {
                throw in.corrupt("run must fit");
            }
            Arrays.fill(values, from, from + length, value - base);
            from += length;
        }
    }

    private static final class Writer extends ByteArrayOutputStream {
        void bytes(byte[] more) {
            write(more, 0, more.length);
        }

        void number(int value) {
            int rest = value;
            while (rest > 0x7f) {
                write((rest & 0x7f) | 0x80);
                rest >>>= 7;
            }
            write(rest);
        }

        void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            number(utf8.length);
            bytes(utf8);
        }

        void packed(int[] values, int bits) {
            long pending = 0;
            int waiting = 0;
            for (int value : values) {
                pending = (pending << bits) | value;
                waiting += bits;
                while (waiting >= 8) {
                    waiting -= 8;
                    write((int) (pending >>> waiting));
                }
            }
            if (waiting > 0) {
                write((int) (pending << (8 - waiting)));
            }
        }
    }

    private static final class Reader {
        private final byte[] bytes;
        private final int end;
        private int position;

        Reader(byte[] bytes, int position, int end) {
            this.bytes = bytes;
            this.position = position;
            this.end = end;
        }

        ShardMapFormatException corrupt(String detail) {
            return new ShardMapFormatException(Reason.CORRUPT, position, detail);
        }

        private int next() {
            if (position >= end) {
                throw corrupt("content must not end early");
            }
            return bytes[position++] & 0xff;
        }

        long epoch() {
            long epoch = 0;
            for (int i = 0; i < 8; i++) {
                epoch = (epoch << 8) | next();
            }
            if (epoch < 1) {
                throw corrupt("epoch must be positive");
            }
            return epoch;
        }

        int number() {
            long value = 0;
            for (int shift = 0; shift < 35; shift += 7) {
                int part = next();
                value |= (long) (part & 0x7f) << shift;
                if (part <= 0x7f) {
                    if (value > Integer.MAX_VALUE || (part == 0 && shift > 0)) {
                        break;
                    }
                    return (int) value;
                }
            }
            throw corrupt("number must be below 2^31, in its shortest form");
        }

        String text() {
            int length = number();
            if (length > end - position) {
                throw corrupt("text must fit");
            }
            String text = new String(bytes, position, length, StandardCharsets.UTF_8);
            position += length;
            return text;
        }

        void packed(int[] values, int bits) {
            long pending = 0;
            int waiting = 0;
            for (int i = 0; i < values.length; i++) {
                while (waiting < bits) {
                    pending = (pending << 8) | next();
                    waiting += 8;
                }
                waiting -= bits;
                values[i] = (int) (pending >>> waiting) & ((1 << bits) - 1);
            }
        }
    }
}
