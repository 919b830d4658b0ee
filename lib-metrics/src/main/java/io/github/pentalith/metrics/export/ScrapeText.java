// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The text of a scrape, most of which is as it was in the scrape before. It is made of pieces: what a key stands for,
 * then, in most of them, a number. A piece that has the same key as the one in its place last time is taken from the
 * last text, neighbours in one go, and if its number is another one, only that is written. A scrape in which no number
 * became longer or shorter is the last text again, with other digits.
 *
 * <p>Keys are compared by identity; the owner of a key promises that it always stands for the same text after the same
 * keys. After a key that is not the expected one, nothing is in its place any more until {@link #resume}.
 *
 * <pre>{@code
 * if (!text.same(labels)) {
 *     text.out().raw(labels);      // all that comes before the number
 * }
 * text.number(value);
 * }</pre>
 */
final class ScrapeText {
    private static final byte DECIMAL = 0;

    private TextBuffer text = new TextBuffer();
    private TextBuffer last = new TextBuffer();
    private @Nullable Object[] keys = new Object[256]; // by piece: of the last text until its turn comes, then of this
    private long[] numbers = new long[256];
    private byte[] widths = new byte[256]; // characters of the integer, or DECIMAL
    private int[] ends = new int[256];
    private int pieces; // of the last text
    private int at; // the piece whose turn it is,
    private int begin; // and where it begins in the last text
    private int keptFrom; // a part of the last text that comes to the end of this one before anything else does
    private int keptTo;
    private boolean inStep;

    /** Begins a text; the one before becomes the last one. */
    void start() {
        swap();
        text.clear();
        at = 0;
        begin = 0;
        keptFrom = 0;
        keptTo = 0;
        inStep = true;
    }

    private void swap() {
        TextBuffer before = last;
        last = text;
        text = before;
    }

    /** Says that what comes next does not depend on the pieces before: it may be in its place again. */
    void resume() {
        inStep = true;
    }

    /**
     * Begins a piece.
     *
     * @return whether it is there already, up to its number; else what the key stands for is to be written to
     *     {@link #out} before {@link #end} or a number ends the piece
     */
    @SuppressWarnings("ReferenceEquality") // a key is an object, not what it says
    boolean same(Object key) {
        if (at == keys.length) {
            grow();
        }
        if (inStep && at < pieces && keys[at] == key) {
            return true;
        }
        inStep = false;
        keys[at] = key;
        flush();
        return false;
    }

    private void grow() {
        keys = Arrays.copyOf(keys, at * 2);
        numbers = Arrays.copyOf(numbers, at * 2);
        widths = Arrays.copyOf(widths, at * 2);
        ends = Arrays.copyOf(ends, at * 2);
    }

    /** Where to write what {@link #same} misses. */
    TextBuffer out() {
        return text;
    }

    /** Ends a piece that is no line with a number. */
    void end() {
        if (inStep) {
            keep(ends[at]);
        }
        next(0);
    }

    /** A piece without text, of which the text of the next ones depends. */
    void mark(Object key) {
        boolean unused = same(key);
        end();
    }

    /** Ends a piece and its line by a number. */
    void number(double value) {
        long whole = (long) value;
        if (whole == value && TextBuffer.isExact(whole)) {
            integer(whole);
            return;
        }
        long bits = Double.doubleToRawLongBits(value);
        if (inStep && widths[at] == DECIMAL && numbers[at] == bits) {
            keep(ends[at]);
        } else {
            beforeNumber();
            text.number(value);
            text.ascii('\n');
            widths[at] = DECIMAL;
        }
        next(bits);
    }

    /** Ends a piece and its line by an integer. One that is as long as the last one is put in its place. */
    void integer(long value) {
        if (inStep && (numbers[at] == value ? widths[at] != DECIMAL : last.replace(ends[at] - 1, widths[at], value))) {
            keep(ends[at]);
        } else {
            beforeNumber();
            int start = text.length();
            text.integer(value);
            widths[at] = (byte) (text.length() - start);
            text.ascii('\n');
        }
        next(value);
    }

    private void beforeNumber() {
        if (inStep) {
            keep(last.startOfNumber(ends[at]));
            flush();
        }
    }

    private void keep(int to) {
        if (keptTo != begin) {
            flush();
            keptFrom = begin;
        }
        keptTo = to;
    }

    private void flush() {
        if (keptFrom != keptTo) {
            text.append(last, keptFrom, keptTo);
            keptFrom = keptTo;
        }
    }

    private void next(long number) {
        if (at < pieces) {
            begin = ends[at];
        }
        numbers[at] = number;
        ends[at] = text.length() + keptTo - keptFrom;
        at++;
    }

    /** The whole text; it stays as it is until the next one begins. */
    TextBuffer finish() {
        if (keptFrom == 0 && keptTo == last.length() && text.length() == 0) {
            swap();
        } else {
            flush();
        }
        if (at < pieces) {
            Arrays.fill(keys, at, pieces, null);
        }
        pieces = at;
        return text;
    }

    int capacity() {
        return text.capacity() + last.capacity();
    }
}
