// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointTest {
    private final Endpoint a = Endpoint.of("10.0.0.1", 80);
    private final Endpoint b = Endpoint.of("b", "10.0.0.2", 81);

    @Test
    void of_hostAndPort_namesItAfterThem() {
        assertThat(a).isEqualTo(new Endpoint("10.0.0.1:80", "10.0.0.1", 80, 1, 0, null, Map.of()));
    }

    @Test
    void withers_eachComponent_changeThatOneOnly() {
        Endpoint changed = b.weight(5).priority(2).zone("eu").tag("rack", "7").tag("rack", "8");

        assertThat(changed).isEqualTo(new Endpoint("b", "10.0.0.2", 81, 5, 2, "eu", Map.of("rack", "8")));
        assertThat(b).isEqualTo(Endpoint.of("b", "10.0.0.2", 81));
    }

    @Test
    void of_badValues_saysWhatWasExpected() {
        assertThatThrownBy(() -> a.weight(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weight must be in range: weight=-1 (expected: 0 to 1,000,000)");
        assertThatThrownBy(() -> a.weight(1_000_001)).hasMessageContaining("weight=1000001");
        assertThatThrownBy(() -> a.priority(16))
                .hasMessage("priority must be in range: priority=16 (expected: 0 to 15)");
        assertThatThrownBy(() -> Endpoint.of("h", 65_536))
                .hasMessage("port must be in range: port=65536 (expected: 0 to 65,535)");
        assertThatThrownBy(() -> Endpoint.of("", "h", 1)).hasMessageContaining("id must not be empty");
    }

    @Test
    void set_anyInputOrder_isSortedById() {
        List<Endpoint> shuffled = new ArrayList<>(List.of(b, a));
        Collections.reverse(shuffled);

        assertThat(EndpointSet.of(3, shuffled)).isEqualTo(EndpointSet.of(3, List.of(b, a)));
        assertThat(EndpointSet.of(b, a).endpoints()).containsExactly(a, b);
        assertThat(EndpointSet.of(b, a).find("b")).isEqualTo(b);
        assertThat(EndpointSet.of(b, a).find("c")).isNull();
    }

    @Test
    void set_sameIdTwice_isRefused() {
        assertThatThrownBy(() -> EndpointSet.of(a, a.weight(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoint ids must be unique: id=10.0.0.1:80 (expected: once, but was there twice)");
        assertThatThrownBy(() -> EndpointSet.of(-1, List.of()))
                .hasMessage("epoch must not be negative: epoch=-1 (expected: 0 or more)");
    }

    @Test
    void set_changes_countTheEpochOnlyIfTheyChangeSomething() {
        EndpointSet set = EndpointSet.of(a);

        assertThat(set.with(b).epoch()).isEqualTo(2);
        assertThat(set.with(b).with(b.weight(3)).find("b")).isEqualTo(b.weight(3));
        assertThat(set.with(a)).isSameAs(set);
        assertThat(set.without("nobody")).isSameAs(set);
        assertThat(set.with(b).without("b").endpoints()).containsExactly(a);
        assertThat(set.withAll(List.of(a))).isSameAs(set);
        assertThat(set.withAll(List.of(b)).endpoints()).containsExactly(b);
        assertThat(set.drain(a.id()).find(a.id())).isEqualTo(a.weight(0));
        assertThat(set.drain("nobody")).isSameAs(set);
    }

    @Test
    void set_text_namesEpochAndFirstIds() {
        EndpointSet many = EndpointSet.of(
                7,
                java.util.stream.IntStream.range(0, 30)
                        .mapToObj(i -> Endpoint.of("e" + (10 + i), "h", i))
                        .toList());

        assertThat(EndpointSet.of(a, b)).hasToString("EndpointSet[epoch=1, 10.0.0.1:80 b]");
        assertThat(many.toString()).startsWith("EndpointSet[epoch=7, e10 e11").endsWith("... 30 in all]");
        assertThat(many).hasSameHashCodeAs(EndpointSet.of(7, many.endpoints())).isNotEqualTo(EndpointSet.of(a));
    }
}
