// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import io.github.pentalith.benchmarks.cache.LocalHit;
import io.github.pentalith.benchmarks.cache.RemoteBulk;
import io.github.pentalith.benchmarks.cache.RemoteGet;
import io.github.pentalith.benchmarks.cache.RemoteMiss;
import io.github.pentalith.benchmarks.loadbalance.BalanceByLoad;
import io.github.pentalith.benchmarks.loadbalance.PickEndpoint;
import io.github.pentalith.benchmarks.loadbalance.PickOnly;
import io.github.pentalith.benchmarks.metrics.CountUp;
import io.github.pentalith.benchmarks.metrics.LookUpSeries;
import io.github.pentalith.benchmarks.metrics.ReadQuantile;
import io.github.pentalith.benchmarks.metrics.RecordHistogram;
import io.github.pentalith.benchmarks.metrics.RecordTogether;
import io.github.pentalith.benchmarks.metrics.ScrapeCounters;
import io.github.pentalith.benchmarks.metrics.TimeWork;
import io.github.pentalith.benchmarks.resilience.CallThroughAdaptiveLimit;
import io.github.pentalith.benchmarks.resilience.CallThroughBreaker;
import io.github.pentalith.benchmarks.resilience.CallThroughFourPolicies;
import io.github.pentalith.benchmarks.resilience.CallThroughPipeline;
import io.github.pentalith.benchmarks.resilience.CallThroughRetry;
import io.github.pentalith.benchmarks.resilience.CallThroughTimedBreaker;
import io.github.pentalith.benchmarks.resilience.CallWithTimeout;
import io.github.pentalith.benchmarks.resilience.RejectCall;
import io.github.pentalith.benchmarks.resilience.TakeGrant;
import io.github.pentalith.benchmarks.runner.CallNothing;
import io.github.pentalith.benchmarks.sharding.AsOthersPlace;
import io.github.pentalith.benchmarks.sharding.BuildTable;
import io.github.pentalith.benchmarks.sharding.HashToNode;
import io.github.pentalith.benchmarks.sharding.KeyToNode;
import io.github.pentalith.benchmarks.sharding.KeyToReplicas;
import io.github.pentalith.benchmarks.sharding.RecordHotKey;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** Everything that is asked, in the order in which it is measured and shown. */
final class Questions {
    private static final List<Class<?>> ORDINARY = List.of(
            KeyToNode.class,
            HashToNode.class,
            KeyToReplicas.class,
            AsOthersPlace.class,
            BuildTable.class,
            RecordHotKey.class,
            PickEndpoint.class,
            PickOnly.class,
            BalanceByLoad.class,
            CallThroughBreaker.class,
            CallThroughRetry.class,
            CallThroughPipeline.class,
            CallThroughTimedBreaker.class,
            CallThroughFourPolicies.class,
            CallWithTimeout.class,
            RejectCall.class,
            TakeGrant.class,
            CallThroughAdaptiveLimit.class,
            LocalHit.class,
            RemoteGet.class,
            RemoteMiss.class,
            RemoteBulk.class,
            CountUp.class,
            RecordHistogram.class,
            RecordTogether.class,
            TimeWork.class,
            LookUpSeries.class,
            ReadQuantile.class,
            ScrapeCounters.class,
            CallNothing.class);

    /** Those of a profile included, if it is active. */
    static final List<Class<?>> ALL = Stream.concat(
                    ORDINARY.stream(),
                    ServiceLoader.load(MoreQuestions.class).stream().flatMap(more -> more.get().questions().stream()))
            .toList();

    static final List<String> LIBRARIES = List.of("sharding", "loadbalance", "resilience", "cache", "metrics");
    /** What is measured without a library. */
    static final String RUNNER = "runner";

    private Questions() {}

    static List<Class<?>> of(String library) {
        return ALL.stream()
                .filter(type -> type.getAnnotation(Question.class).library().equals(library))
                .toList();
    }

    static boolean waits(String id) {
        return ALL.stream()
                .map(type -> type.getAnnotation(Question.class))
                .anyMatch(question -> question.id().equals(id) && question.waits());
    }

    static List<Trial> trials(List<Class<?>> types) {
        return types.stream().flatMap(type -> Trial.all(type).stream()).toList();
    }
}
