// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What must be invalidated in the remote level before it is believed about it: each item once, or everything. A debt is
 * its identity: one that was renewed while an older one was paid stays.
 */
final class Debts<T> {
    /** More debts than these become one: everything. */
    static final int MOST = 100_000;

    private final Map<T, Object> owed = new ConcurrentHashMap<>();
    private volatile @Nullable Object total;

    void add(T item) {
        if (owed.size() < MOST) {
            owed.put(item, new Object());
        } else {
            addAll();
        }
    }

    void addAll() {
        total = new Object();
    }

    boolean owes(T item) {
        return total != null || (!owed.isEmpty() && owed.containsKey(item));
    }

    long count() {
        return (long) owed.size() + (total == null ? 0 : 1);
    }

    /** Called by one thread at a time. If paying throws, the debts stay. */
    @SuppressWarnings("ReferenceEquality") // see above
    void pay(int batchSize, Runnable everything, Consumer<List<T>> some) {
        Object before = total;
        if (before != null) {
            everything.run();
            if (total == before) {
                total = null;
            }
        }
        List<Map.Entry<T, Object>> due = new ArrayList<>(owed.entrySet());
        for (int from = 0; from < due.size(); from += batchSize) {
            List<Map.Entry<T, Object>> batch = due.subList(from, Math.min(due.size(), from + batchSize));
            some.accept(batch.stream().map(Map.Entry::getKey).toList());
            batch.forEach(debt -> owed.remove(debt.getKey(), debt.getValue()));
        }
    }
}
