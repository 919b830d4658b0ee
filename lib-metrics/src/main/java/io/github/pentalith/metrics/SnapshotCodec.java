// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;

/**
 * Snapshots as bytes, format 1: format and scale as bytes; sum, minimum and maximum as doubles; begin and end as
 * seconds (long) and nanoseconds (int); then varints (seven bits per byte, lowest first): zeros, the number of used
 * buckets, and per bucket its distance to the one before (the first: its index in zigzag) and its count. Numbers of
 * fixed length are big-endian. The encoding is canonical.
 */
final class SnapshotCodec {
    private static final byte FORMAT = 1;

    private SnapshotCodec() {}

    static byte[] encode(Buckets buckets, Instant from, Instant to) {
        ByteBuffer out = ByteBuffer.allocate(80 + buckets.used * 14);
        out.put(FORMAT).put((byte) buckets.layout.scale);
        out.putDouble(buckets.sum).putDouble(buckets.min).putDouble(buckets.max);
        out.putLong(from.getEpochSecond()).putInt(from.getNano());
        out.putLong(to.getEpochSecond()).putInt(to.getNano());
        putVarint(out, buckets.zeros);
        putVarint(out, buckets.used);
        int previous = 0;
        for (int i = 0; i < buckets.used; i++) {
            int step = buckets.indexes[i] - previous;
            putVarint(out, i == 0 ? ((long) step << 1) ^ (step >> 31) : step); // only the first may be negative
            putVarint(out, buckets.counts[i]);
            previous = buckets.indexes[i];
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    static HistogramSnapshot decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            HistogramSnapshot snapshot = decode(in);
            if (in.hasRemaining() || !Arrays.equals(bytes, snapshot.toBytes())) {
                throw new IllegalArgumentException("not canonical");
            }
            return snapshot;
        } catch (BufferUnderflowException | ArithmeticException | DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "bytes must be an encoded histogram snapshot: length=" + bytes.length + ", offset=" + in.position()
                            + " (expected: what toBytes() returned)",
                    e);
        }
    }

    private static HistogramSnapshot decode(ByteBuffer in) {
        int format = in.get();
        int scale = in.get();
        if (format != FORMAT || scale < ExponentialLayout.MIN_SCALE || scale > ExponentialLayout.MAX_SCALE) {
            throw new IllegalArgumentException("format=" + format + ", scale=" + scale);
        }
        double sum = in.getDouble();
        double min = in.getDouble();
        double max = in.getDouble();
        Instant from = Instant.ofEpochSecond(in.getLong(), in.getInt());
        Instant to = Instant.ofEpochSecond(in.getLong(), in.getInt());
        long zeros = getVarint(in);
        long used = getVarint(in);
        if (used > in.remaining() / 2) {
            throw new IllegalArgumentException("used=" + used);
        }
        int[] indexes = new int[(int) used];
        long[] counts = new long[(int) used];
        long total = zeros;
        long previous = 0;
        for (int i = 0; i < used; i++) {
            long step = getVarint(in);
            previous = i == 0 ? (step >>> 1) ^ -(step & 1) : previous + step;
            counts[i] = getVarint(in);
            total = Math.addExact(total, counts[i]);
            if ((i > 0 && step < 1) || previous < -(1024L << scale) || previous >= 1024L << scale || counts[i] < 1) {
                throw new IllegalArgumentException("bucket " + i);
            }
            indexes[i] = (int) previous;
        }
        boolean sound = total == 0
                ? isNaN(min) && isNaN(max) && sum == 0
                : min >= 0 && min <= max && max <= Double.MAX_VALUE && sum >= 0 && sum <= Double.MAX_VALUE;
        if (!sound || zeros < 0) {
            throw new IllegalArgumentException("sum=" + sum + ", min=" + min + ", max=" + max);
        }
        return new HistogramSnapshot(
                Buckets.of(ExponentialLayout.ofScale(scale), zeros, (int) used, indexes, counts, sum, min, max),
                from,
                to);
    }

    private static boolean isNaN(double value) {
        return Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(Double.NaN);
    }

    private static long getVarint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("number too long");
    }
}
