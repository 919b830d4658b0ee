// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.math.BigInteger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class Base62Properties {
    @Property
    void decode_ofEncode_isTheNumber(@ForAll @LongRange(min = 0) long value) {
        String text = Base62.encode(value);
        assertThat(text).matches("0|[1-9A-Za-z][0-9A-Za-z]{0,10}");
        assertThat(Base62.decode(text)).isEqualTo(value);
        assertThat(Base62.decode(new StringBuilder(text))).isEqualTo(value);
    }

    @Property
    void encode_toALength_keepsTheOrder(@ForAll @LongRange(min = 0) long a, @ForAll @LongRange(min = 0) long b) {
        String textA = Base62.encode(a, 11);
        String textB = Base62.encode(b, 11);
        assertThat(textA).hasSize(11);
        assertThat(Integer.signum(textA.compareTo(textB))).isEqualTo(Long.compare(a, b));
        assertThat(Base62.decode(textA)).isEqualTo(a);
    }

    @Property
    void encode_toALength_acceptsExactlyWhatFits(@ForAll @LongRange(min = 0) long value) {
        int needed = Base62.encode(value).length();
        for (int length = 1; length <= 11; length++) {
            int now = length;
            if (length >= needed) {
                assertThat(Base62.encode(value, length)).hasSize(length).endsWith(Base62.encode(value));
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Base62.encode(value, now))
                        .withMessage("value must fit the length: value=%d (expected: less than 62^%d)", value, length);
            }
        }
    }

    @Example
    void encode_knownNumbers_areKnownTexts() {
        assertThat(Base62.encode(0)).isEqualTo("0");
        assertThat(Base62.encode(61)).isEqualTo("z");
        assertThat(Base62.encode(62)).isEqualTo("10");
        assertThat(Base62.encode(125)).isEqualTo("21");
        assertThat(Base62.encode(125, 4)).isEqualTo("0021");
        assertThat(Base62.encode(Long.MAX_VALUE)).isEqualTo("AzL8n0Y58m7").hasSize(Base62.MAX_LENGTH);
        BigInteger power = BigInteger.valueOf(62).pow(10);
        assertThat(Base62.encode(power.longValueExact())).isEqualTo("10000000000");
    }

    @Example
    void encode_badInput_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Base62.encode(-1))
                .withMessage("value must not be negative: value=-1 (expected: 0 or more)");
        assertThatIllegalArgumentException().isThrownBy(() -> Base62.encode(-1, 3));
        for (int length : new int[] {-1, 0, 12}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Base62.encode(1, length))
                    .withMessage("length must be in range: length=%d (expected: 1 to 11)", length);
        }
    }

    @Example
    void decode_badInput_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Base62.decode(""))
                .withMessage("text must have 1 to 11 characters: length=0 (expected: 1 to 11 of 0-9, A-Z and a-z)");
        assertThatIllegalArgumentException().isThrownBy(() -> Base62.decode("000000000001"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Base62.decode("ab-c"))
                .withMessage("text must have only digits and letters: character HYPHEN-MINUS at index 2"
                        + " (expected: 0-9, A-Z or a-z)");
        for (String text : new String[] {"é", "\u00b5", "١", "/", ":", "@", "[", "`", "{", "\u0000"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Base62.decode(text));
        }
        for (String text : new String[] {"AzL8n0Y58m8", "zzzzzzzzzzz", "B0000000000"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Base62.decode(text))
                    .withMessage("text must be the number of a long: text=%s (expected: at most AzL8n0Y58m7)", text);
        }
        assertThatNullPointerException().isThrownBy(() -> Base62.decode(null));
    }
}
