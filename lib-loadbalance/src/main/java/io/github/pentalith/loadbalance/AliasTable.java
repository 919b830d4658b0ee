// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/**
 * Draws in proportion to weights in constant time (M. D. Vose, 1991, doi:10.1109/32.92917): every column is shared by at
 * most two numbers. One draw takes 64 bits: the column from the upper half, the side from the lower.
 */
final class AliasTable {
    private final long[] columns; // threshold of 32 bits, then the alias

    AliasTable(int[] weights) {
        int n = weights.length;
        columns = new long[n];
        double sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        double[] height = new double[n];
        int[] stack = new int[n]; // the low ones from the left, the high ones from the right
        int low = 0;
        int high = n;
        for (int i = 0; i < n; i++) {
            height[i] = weights[i] * n / sum;
            if (height[i] < 1) {
                stack[low++] = i;
            } else {
                stack[--high] = i;
            }
        }
        while (low > 0 && high < n) {
            int poor = stack[--low];
            int rich = stack[high];
            columns[poor] = (long) (height[poor] * 0x1p31) << 32 | rich;
            height[rich] -= 1 - height[poor];
            if (height[rich] < 1) {
                high++;
                stack[low++] = rich;
            }
        }
        while (high < n) {
            full(stack[high++]);
        }
        while (low > 0) {
            full(stack[--low]);
        }
    }

    private void full(int column) {
        columns[column] = (1L << 63) | column; // the alias is itself, whatever the threshold
    }

    int draw(long bits) {
        int column = Draw.high(bits, columns.length);
        long entry = columns[column];
        return (bits & 0x7FFF_FFFFL) < entry >>> 32 ? column : (int) entry;
    }
}
