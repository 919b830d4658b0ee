// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What a builder was told. */
record Settings<T>(
        String name,
        @Nullable Function<? super Endpoint, ? extends T> open,
        @Nullable Consumer<? super T> close,
        Policy policy,
        @Nullable HealthProbe probe,
        @Nullable OutlierDetection outliers,
        long slowStart,
        double panicThreshold,
        double overprovisioning,
        @Nullable String zone,
        double zoneShare,
        long maxLeaseAge,
        Function<? super Throwable, Outcome> outcomeOf,
        Executor executor,
        LongSupplier ticker) {}
