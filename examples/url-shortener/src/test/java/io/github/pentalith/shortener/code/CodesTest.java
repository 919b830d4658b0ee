// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.code;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CodesTest {
    private final Permutation permutation = Permutation.of(new byte[Permutation.KEY_BYTES]);
    private final Codes codes = new Codes(permutation);

    @Test
    void codeOf_anyId_has7To11Characters() {
        SplittableRandom random = new SplittableRandom(1);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            long id = random.nextLong() >>> 1;
            String code = codes.codeOf(id);

            assertThat(code).matches("[0-9A-Za-z]{7,11}");
            assertThat(codes.idOf(code)).isEqualTo(id);
            seen.add(code);
        }
        assertThat(seen).hasSize(10_000);
    }

    @Test
    void codeOf_smallestAndGreatestImages_keepTheirLengths() {
        for (long image : new long[] {0, 1, 56_800_235_583L, 56_800_235_584L, Long.MAX_VALUE}) {
            String code = codes.codeOf(permutation.invert(image));

            assertThat(code.length()).isBetween(7, 11);
            assertThat(permutation.apply(codes.idOf(code))).isEqualTo(image);
        }
    }
}
