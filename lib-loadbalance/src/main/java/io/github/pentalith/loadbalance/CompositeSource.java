// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Several sources as one. A holder per subscription brings their deliveries into one order. */
final class CompositeSource implements EndpointSource {
    private final List<EndpointSource> sources;

    CompositeSource(List<EndpointSource> sources) {
        Require.atLeast("sources", 1, sources.size());
        this.sources = sources;
    }

    @Override
    public Subscription subscribe(Listener listener) {
        Union union = new Union(sources.size());
        List<Subscription> subscriptions = new ArrayList<>();
        Subscription all = () -> subscriptions.forEach(Subscription::close);
        try {
            for (int i = 0; i < sources.size(); i++) {
                subscriptions.add(sources.get(i).subscribe(union.part(i)));
            }
            subscriptions.add(union.holder.subscribe(listener));
        } catch (RuntimeException | Error e) {
            all.close();
            throw e;
        }
        return all;
    }

    private static final class Union {
        final EndpointHolder holder = EndpointHolder.of("composite");
        private final AtomicReferenceArray<EndpointSet> sets;
        private final List<Set<String>> sick = new ArrayList<>();

        Union(int count) {
            EndpointSet[] none = new EndpointSet[count];
            Arrays.fill(none, EndpointSet.of());
            sets = new AtomicReferenceArray<>(none);
            for (int i = 0; i < count; i++) {
                sick.add(ConcurrentHashMap.newKeySet());
            }
        }

        Listener part(int number) {
            return new Listener() {
                @Override
                public void onEndpoints(EndpointSet set) {
                    sets.set(number, set);
                    sick.get(number).removeIf(id -> set.find(id) == null);
                    // Read anew at each attempt, so that of two sources at once the last one to succeed has seen both.
                    holder.update(now -> now.withAll(union().values()));
                    for (String id : union().keySet()) {
                        holder.health(id, !sick(id));
                    }
                }

                @Override
                public void onHealth(String id, boolean healthy) {
                    boolean unused = healthy
                            ? sick.get(number).remove(id)
                            : sick.get(number).add(id);
                    holder.health(id, !sick(id));
                }
            };
        }

        private Map<String, Endpoint> union() {
            Map<String, Endpoint> union = new LinkedHashMap<>();
            for (int i = 0; i < sets.length(); i++) {
                for (Endpoint endpoint : sets.get(i).endpoints()) {
                    union.putIfAbsent(endpoint.id(), endpoint);
                }
            }
            return union;
        }

        private boolean sick(String id) {
            for (int i = 0; i < sets.length(); i++) {
                if (sets.get(i).find(id) != null) {
                    return sick.get(i).contains(id); // the first one that has it speaks for it
                }
            }
            return false;
        }
    }

    @Override
    public String toString() {
        return "EndpointSource.composite" + sources;
    }
}
