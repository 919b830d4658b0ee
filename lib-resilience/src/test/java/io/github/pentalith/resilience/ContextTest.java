// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** The recipe of the guide for context (MDC, traces) in asynchronous retries, on real threads. */
class ContextTest {
    private final ExecutorService executor = Executors.newFixedThreadPool(2);

    @AfterEach
    void tearDown() {
        MDC.clear();
        executor.shutdownNow();
    }

    /** Takes the context where the call is made, and gives it to each attempt, on whatever thread that starts. */
    private static <T> Supplier<CompletionStage<T>> carrying(Supplier<? extends CompletionStage<T>> work) {
        Map<String, String> context = MDC.getCopyOfContextMap();
        return () -> {
            Map<String, String> before = MDC.getCopyOfContextMap();
            set(context);
            try {
                return work.get();
            } finally {
                set(before);
            }
        };
    }

    private static void set(Map<String, String> context) {
        if (context == null) {
            MDC.clear();
        } else {
            MDC.setContextMap(context);
        }
    }

    @Test
    void carryingWork_everyAttempt_seesTheContextOfItsCaller_andLeavesNoneBehind() throws Exception {
        Pipeline pipeline = Pipeline.builder("p")
                .retry(Retry.of(4, Backoff.fixed(ofMillis(2))).budget(RetryBudget.unlimited()))
                .executor(executor)
                .build();
        List<String> seen = new CopyOnWriteArrayList<>();
        for (String request : List.of("one", "two")) {
            MDC.put("request", request);
            CompletableFuture<String> result = pipeline.callAsync(carrying(() -> {
                seen.add(request + "=" + MDC.get("request"));
                return CompletableFuture.supplyAsync(
                        () -> {
                            throw new IllegalStateException("down");
                        },
                        executor);
            }));
            assertThat(result.handle((value, error) -> Outcomes.unwrapped(error).getMessage())
                            .get(60, TimeUnit.SECONDS))
                    .isEqualTo("down");
        }
        assertThat(seen).hasSize(8).allMatch(line -> line.matches("(one|two)=\\1"));
        assertThat(executor.submit(() -> String.valueOf(MDC.get("request"))).get(60, TimeUnit.SECONDS))
                .isEqualTo("null");
    }

    @Test
    void withoutIt_retriesSeeNone() throws Exception {
        Pipeline pipeline = Pipeline.builder("p")
                .retry(Retry.of(2, Backoff.fixed(ofMillis(2))))
                .executor(executor)
                .build();
        List<String> seen = new CopyOnWriteArrayList<>();
        MDC.put("request", "one");
        CompletableFuture<String> result = pipeline.callAsync(() -> {
            seen.add(String.valueOf(MDC.get("request")));
            return CompletableFuture.failedFuture(new IOException());
        });
        assertThat(result.handle((value, error) -> "ended").get(60, TimeUnit.SECONDS))
                .isEqualTo("ended");
        assertThat(seen).containsExactly("one", "null");
    }
}
