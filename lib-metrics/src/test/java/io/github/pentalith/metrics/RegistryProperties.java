// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.metrics.export.Exposition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Laws of the registry: one description, one metric; the guard keeps totals; what is exposed is what was counted. */
class RegistryProperties {
    record Spec(int kind, String help, List<String> labels, int accuracy) {}

    @Provide
    Arbitrary<Spec> specs() {
        return net.jqwik.api.Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of("Help.", "Other help."),
                        Arbitraries.<List<String>>of(List.of(), List.of("a"), List.of("a", "b"), List.of("b", "a")),
                        Arbitraries.integers().between(0, 1))
                .as(Spec::new);
    }

    private static Family<?> register(MetricRegistry registry, Spec spec) {
        String[] labels = spec.labels.toArray(new String[0]);
        double error = spec.accuracy == 0 ? 0.0055 : 0.05;
        return switch (spec.kind) {
            case 0 -> registry.counter("thing", spec.help).labels(labels);
            case 1 -> registry.gauge("thing", spec.help).labels(labels);
            case 2 ->
                registry.histogram("thing", spec.help).relativeError(error).labels(labels);
            default ->
                registry.histogram("thing", spec.help)
                        .relativeError(error)
                        .buckets(1, 2)
                        .labels(labels);
        };
    }

    @Property(tries = 500)
    void register_twoDescriptionsUnderOneName_isTheSameMetricOrRefused(
            @ForAll("specs") Spec first, @ForAll("specs") Spec second) {
        MetricRegistry registry = MetricRegistry.of("");
        Family<?> present = register(registry, first);
        boolean same = first.kind == second.kind
                && first.help.equals(second.help)
                && first.labels.equals(second.labels)
                && (first.kind < 2 || first.accuracy == second.accuracy);
        if (same) {
            assertThat(register(registry, second)).isSameAs(present);
        } else {
            assertThatThrownBy(() -> register(registry, second))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("name must be free or described as before: name=thing");
        }
        assertThat(registry.stats().metrics()).isEqualTo(1);
    }

    @Property(tries = 200)
    void guard_atAnyLimit_keepsTotalsAndSeries(
            @ForAll @IntRange(min = 1, max = 20) int limit,
            @ForAll List<@IntRange(max = 40) Integer> users,
            @ForAll boolean removeOne) {
        MetricRegistry registry =
                MetricRegistry.builder("").cardinalityLimit(limit).build();
        Family<Counter> family = registry.counter("requests", "Requests.").labels("user");
        Map<String, Long> model = new HashMap<>(); // those that came first have a series of their own
        long overflow = 0;
        for (int user : users) {
            String name = "u" + user;
            family.with(name).inc();
            if (model.containsKey(name) || model.size() < limit) {
                model.merge(name, 1L, Long::sum);
            } else {
                overflow++;
            }
        }
        if (removeOne && !model.isEmpty()) {
            String gone = model.keySet().iterator().next();
            family.remove(gone);
            model.remove(gone);
        }
        Map<String, Long> seen = new HashMap<>();
        for (String line : Exposition.prometheus().text(registry).split("\n", -1)) {
            if (line.startsWith("requests_total{")) {
                seen.put(
                        line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')),
                        Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)));
            }
        }
        if (overflow > 0) {
            model.put(Family.OVERFLOW, overflow);
        }
        assertThat(seen).isEqualTo(model);
        assertThat(registry.stats().overflowedLookups()).isEqualTo(overflow);
        assertThat(registry.stats().series()).isEqualTo(model.size());
    }
}
