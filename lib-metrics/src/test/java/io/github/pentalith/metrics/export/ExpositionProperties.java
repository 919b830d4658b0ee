// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever labels and values are, what is written reads back as the same. */
class ExpositionProperties {
    @Provide
    Arbitrary<Double> numbers() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(Double::longBitsToDouble),
                Arbitraries.longs().between(-(1L << 54), 1L << 54).map(n -> n / 1e9),
                Arbitraries.longs().map(Long::doubleValue),
                Arbitraries.of(0.0, -0.0, 0.1, 1e-9, -1e-9, Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY));
    }

    @Provide
    Arbitrary<String> hostile() {
        Arbitrary<Character> characters = Arbitraries.oneOf(
                Arbitraries.of('\\', '"', '\n', '\r', '{', '}', ',', '=', ' ', '#', 'n', '\u00e9', '\u2028'),
                Arbitraries.chars().filter(c -> !Character.isSurrogate(c)));
        return characters.list().ofMaxSize(12).map(list -> {
            StringBuilder text = new StringBuilder();
            list.forEach(text::append);
            return text.toString();
        });
    }

    @Property(tries = 2000)
    void number_asWritten_readsBackAsTheSameDouble(@ForAll("numbers") double value) {
        TextBuffer out = new TextBuffer();
        out.number(value);
        String text = out.toString().replace("Inf", "Infinity");
        double back = Double.parseDouble(text);
        assertThat(Double.doubleToLongBits(back + 0.0)).isEqualTo(Double.doubleToLongBits(value + 0.0));
    }

    @Property(tries = 500)
    void labels_ofAnyText_readBackAsTheSame(
            @ForAll("hostile") String first, @ForAll("hostile") String second, @ForAll("numbers") double value) {
        MetricRegistry registry = MetricRegistry.of("");
        Family<Gauge> family = registry.gauge("depth", "Help.").labels("first", "second");
        family.with(first, second).set(value);
        String text = Exposition.prometheus().text(registry);
        List<String> lines = List.of(text.split("\n", -1));
        assertThat(lines).hasSize(4);
        assertThat(parse(lines.get(2))).isEqualTo(Map.of("first", first, "second", second));
    }

    /** The labels of a line, by the grammar of the text format. */
    private static Map<String, String> parse(String line) {
        Map<String, String> labels = new HashMap<>();
        int at = line.indexOf('{') + 1;
        while (line.charAt(at) != '}') {
            int equals = line.indexOf('=', at);
            String name = line.substring(line.charAt(at) == ',' ? at + 1 : at, equals);
            StringBuilder value = new StringBuilder();
            at = equals + 2;
            for (; line.charAt(at) != '"'; at++) {
                if (line.charAt(at) == '\\') {
                    at++;
                    value.append(line.charAt(at) == 'n' ? '\n' : line.charAt(at));
                } else {
                    value.append(line.charAt(at));
                }
            }
            labels.put(name, new String(value.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
            at++;
        }
        return labels;
    }
}
