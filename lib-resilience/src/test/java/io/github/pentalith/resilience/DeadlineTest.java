// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private final VirtualTime time = VirtualTime.create();

    @Test
    void deadline_asTimePasses_expires() {
        Deadline deadline = Deadline.after(Duration.ofMillis(1500), time);
        assertThat(deadline.remaining()).isEqualTo(Duration.ofMillis(1500));
        assertThat(deadline.toHeader()).isEqualTo("1500");
        assertThat(deadline.expired()).isFalse();
        assertThat(deadline).hasToString("Deadline[in PT1.5S]");
        time.advance(Duration.ofMillis(1500));
        assertThat(deadline.expired()).isTrue();
        time.advance(Duration.ofMillis(1500));
        assertThat(deadline.remaining()).isZero();
        assertThat(deadline.toHeader()).isEqualTo("0");
    }

    @Test
    void header_roundTrip_keepsTheMilliseconds() {
        Deadline there = Deadline.fromHeader(" 60000 ");
        assertThat(there.remaining()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
    }

    @Test
    void run_nests_onlyShortens_andRestoresAfterFailure() throws Exception {
        Deadline far = Deadline.after(Duration.ofSeconds(5), time);
        Deadline near = Deadline.after(Duration.ofSeconds(1), time);
        far.run(() -> {
            assertThat(Deadline.current().remaining()).isEqualTo(Duration.ofSeconds(5));
            assertThatThrownBy(() -> near.run(() -> {
                        assertThat(Deadline.current().remaining()).isEqualTo(Duration.ofSeconds(1));
                        throw new IOException();
                    }))
                    .isInstanceOf(IOException.class);
            assertThat(Deadline.current().remaining()).isEqualTo(Duration.ofSeconds(5));
        });
        String result =
                near.call(() -> far.call(() -> Deadline.current().remaining().toString()));
        assertThat(result).isEqualTo("PT1S");
        assertThat(Deadline.current()).isNull();
    }
}
