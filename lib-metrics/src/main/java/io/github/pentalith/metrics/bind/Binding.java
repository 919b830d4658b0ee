// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Unit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The series of one component: resolved once, set from one stats record per scrape, removed with the binding. */
final class Binding {
    private final MetricRegistry registry;
    private final String label; // names the kind of component, such as cache
    private final String name; // of the component
    private final List<Runnable> removals = new ArrayList<>();

    Binding(MetricRegistry registry, String label, String name) {
        this.registry = in(registry);
        this.label = label;
        this.name = name;
    }

    /** The namespace of everything that binders make. */
    static MetricRegistry in(MetricRegistry registry) {
        return registry.namespace("pentalith");
    }

    Counter counter(String metric, String help) {
        return kept(registry.counter(metric, help).labels(label), name);
    }

    Counter counter(String metric, String help, String second, String value) {
        return kept(registry.counter(metric, help).labels(label, second), name, value);
    }

    Counter nanoseconds(String metric, String help) {
        return kept(registry.counter(metric, help).nanoseconds().labels(label), name);
    }

    Gauge gauge(String metric, String help, Unit unit) {
        return kept(registry.gauge(metric, help).unit(unit).labels(label), name);
    }

    private <M> M kept(Family<M> family, String... values) {
        removals.add(() -> family.remove(values));
        return family.with(values);
    }

    /** One gauge per possible state, of which the current one is 1 and the others 0. */
    <S extends Enum<S>> OneHot<S> states(String metric, String help, S[] states) {
        Family<Gauge> family = registry.gauge(metric, help).labels(label, "state");
        Map<S, Gauge> gauges = new EnumMap<>(states[0].getDeclaringClass());
        for (S state : states) {
            gauges.put(state, kept(family, name, word(state)));
        }
        return new OneHot<>(gauges);
    }

    /** An enum's constant as a label value. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Something to undo when the binding is closed. */
    void onClose(Runnable removal) {
        removals.add(removal);
    }

    Registration updatedBy(Runnable update) {
        Registration hook = registry.onCollect(update);
        return () -> {
            hook.close();
            removals.forEach(Runnable::run);
        };
    }

    static final class OneHot<S extends Enum<S>> {
        private final Map<S, Gauge> gauges;

        private OneHot(Map<S, Gauge> gauges) {
            this.gauges = gauges;
        }

        void set(S current) {
            gauges.forEach((state, gauge) -> gauge.set(state == current ? 1 : 0));
        }
    }
}
