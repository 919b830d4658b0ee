// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The text of a scrape, most of which is as it was in the scrape before.
 *
 * <pre>{@code
 * if (!text.same(labels)) {
 *     text.out().raw(labels);      // all that comes before the number
 * }
 * text.number(value);
 * }</pre>
 */
final class ScrapeText {
    /*
     * Pieces. A text is made of pieces: what a key stands for, then, in most of them, a number. A piece that has the
     * same key as the one in its place last time is taken from the last text, neighbours in one go, and if its number
     * is another one, only that is written. A scrape in which no number became longer or shorter is the last text
     * again, with other digits.
     *
     * Keys are compared by identity; the owner of a key promises that it always stands for the same text after the
     * same keys. After a key that is not the expected one, nothing is in its place any more until resume().
     *
     * Layout. What is known of piece i lies in arrays side by side, so that walking through ten thousand series is
     * walking through a few arrays from begin to end, which processors foresee:
     *
     *     keys     | labels | labels | labels | ...     who it is
     *     numbers  |     17 |    9.5 |    204 | ...     the value as it stands in the text
     *     widths   |      2 |DECIMAL |      3 | ...     how many digits that are
     *     ends     |     28 |     56 |     84 | ...     where its line ends
     *     text     a{x="1"} 17\n a{x="2"} 9.5\n a{x="3"} 204\n
     *
     * Blocks. All series of a family have a key in front that stands for all of them. If that one is in its place,
     * then so are they, and none of their own keys is looked at: what remains is to compare numbers with numbers and
     * to put eight new characters over eight old ones, without a branch that depends on the digits.
     */
    private static final byte DECIMAL = 0;

    private TextBuffer text = new TextBuffer();
    private TextBuffer last = new TextBuffer();
    private @Nullable Object[] keys = new Object[256]; // by piece: of the last text until its turn comes, then of this
    private double[] numbers = new double[256];
    private byte[] widths = new byte[256]; // characters of an exact integer, or DECIMAL
    private int[] ends = new int[256];
    private int pieces; // of the last text
    private int at; // the piece whose turn it is,
    private int begin; // and where it begins in the last text
    private int keptFrom; // a part of the last text that comes to the end of this one before anything else does
    private int keptTo;
    private boolean inStep;
    private final double[] values = new double[512];

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
    boolean same(Object key) {
        if (inPlace(key)) {
            return true;
        }
        stepOut();
        return false;
    }

    /** Whether this key is the expected one; from now on it is. */
    @SuppressWarnings("ReferenceEquality") // a key is an object, not what it says
    private boolean inPlace(Object key) {
        if (at == keys.length) {
            grow();
        }
        if (inStep && at < pieces && keys[at] == key) {
            return true;
        }
        keys[at] = key;
        return false;
    }

    private void stepOut() {
        inStep = false;
        flush();
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
        next(Double.NaN);
    }

    /** A piece without text, of which the text of the next ones depends. */
    void mark(Object key) {
        boolean unused = same(key);
        end();
    }

    /**
     * A piece without text that stands for the next ones. If it is not the expected one, they may still be, one by one.
     *
     * @return whether the next ones are those that came after this key last time
     */
    boolean block(Object key) {
        boolean known = inPlace(key);
        if (!known && !(inStep && at < pieces && ends[at] == begin)) {
            stepOut();
        }
        end();
        return known;
    }

    /** A place for values on their way from metrics to {@link #numbers}. */
    double[] values() {
        return values;
    }

    /**
     * Ends pieces of a block by their numbers, up to the first that needs more than other digits in its place.
     *
     * @return the index of that one, or {@code to}
     */
    int numbers(double[] values, int from, int to) {
        int first = at;
        int stop = Math.min(to, from + pieces - first);
        int same = Arrays.mismatch(values, from, stop, numbers, first, first + stop - from);
        int next = same < 0 ? stop : from + same;
        int shift = first - from;
        while (next < stop && fits(next + shift, values[next])) {
            next++;
        }
        if (next > from) {
            keepUntil(next + shift);
        }
        return next;
    }

    private void keepUntil(int next) {
        int end = ends[next - 1];
        keep(end);
        begin = end;
        int moved = text.length() + keptTo - keptFrom - end;
        for (int i = at; moved != 0 && i < next; i++) {
            ends[i] += moved;
        }
        at = next;
    }

    /** Whether a piece can stay where it is, with other digits in their place; then they are put there. */
    private boolean fits(int piece, double value) {
        double old = numbers[piece];
        if (Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(old)) {
            return true;
        }
        long whole = (long) value;
        if (whole == value && last.replace(ends[piece] - 1, widths[piece], (long) old, whole)) {
            numbers[piece] = value;
            return true;
        }
        return false;
    }

    /** Ends a piece and its line by a number. */
    void number(double value) {
        if (inStep && fits(at, value)) {
            keep(ends[at]);
        } else {
            beforeNumber();
            int start = text.length();
            text.number(value);
            widths[at] = TextBuffer.isExactInteger(value) ? (byte) (text.length() - start) : DECIMAL;
            text.ascii('\n');
        }
        next(value);
    }

    /** Ends a piece and its line by an integer. */
    void integer(long value) {
        if (TextBuffer.isExact(value)) {
            number((double) value);
        } else {
            beforeNumber();
            text.integer(value);
            text.ascii('\n');
            widths[at] = DECIMAL;
            next(Double.NaN);
        }
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

    private void next(double number) {
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
