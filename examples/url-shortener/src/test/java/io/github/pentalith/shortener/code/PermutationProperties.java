// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class PermutationProperties {
    @Property
    void invert_ofApply_isTheNumber(
            @ForAll @Size(Permutation.KEY_BYTES) byte[] key, @ForAll @LongRange(min = 0) long number) {
        Permutation permutation = Permutation.of(key);

        long image = permutation.apply(number);

        assertThat(image).isNotNegative();
        assertThat(permutation.invert(image)).isEqualTo(number);
        assertThat(permutation.apply(permutation.invert(number))).isEqualTo(number);
    }

    @Property(tries = 50)
    void apply_underAnotherKey_isAnotherNumber(@ForAll @LongRange(min = 0) long number) {
        assertThat(Permutation.of(Permutation.newKey()).apply(number))
                .isNotEqualTo(Permutation.of(Permutation.newKey()).apply(number));
    }

    @Example
    void apply_toNeighbours_changesHalfOfTheBits() {
        Permutation permutation = Permutation.of(new byte[Permutation.KEY_BYTES]);
        Set<Long> images = new HashSet<>();
        long flipped = 0;
        int pairs = 2_000;
        for (long n = 0; n < pairs; n++) {
            long image = permutation.apply(n);
            images.add(image);
            flipped += Long.bitCount(image ^ permutation.apply(n + 1));
        }

        assertThat(images).hasSize(pairs);
        // Mean of 126,000 fair coins: standard deviation 0.0014 of the share.
        assertThat(flipped / (63.0 * pairs)).isBetween(0.49, 0.51);
    }

    @Example
    void of_keyOfAnotherLength_throws() {
        assertThatThrownBy(() -> Permutation.of(new byte[16]))
                .hasMessage("key must have its length: bytes=16 (expected: 32)");
        assertThatThrownBy(() -> Permutation.of(Permutation.newKey()).apply(-1))
                .hasMessage("number must have 63 bits: number=-1 (expected: >= 0)");
    }
}
