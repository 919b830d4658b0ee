// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class AsyncProperties {
    /** L10: the same script of outcomes ends the same way in both forms. */
    @Property(tries = 300)
    void scripts_syncAndAsync_endTheSame(@ForAll long seed) {
        List<String> ends = new ArrayList<>();
        for (boolean async : new boolean[] {false, true}) {
            Random random = new Random(seed);
            VirtualTime clock = VirtualTime.create();
            Recorder books = new Recorder();
            CircuitBreaker breaker = CircuitBreaker.builder("c")
                    .window(10)
                    .minimumCalls(3)
                    .openFor(ofSeconds(1))
                    .ticker(clock)
                    .build();
            Pipeline pipeline = Pipeline.builder("p")
                    .retry(Retry.of(3, Backoff.fixed(ofMillis(100)))
                            .on(IOException.class)
                            .onResult(String.class, r -> r.equals("bad")))
                    .deadline(ofMillis(250))
                    .breaker(breaker)
                    .admission(books)
                    .ticker(clock)
                    .scheduler(clock)
                    .executor(Runnable::run)
                    .build();
            StringBuilder history = new StringBuilder();
            for (int call = 0; call < 20; call++) {
                String end;
                if (async) {
                    CompletableFuture<String> result = pipeline.callAsync(() -> {
                        try {
                            return CompletableFuture.completedFuture(outcome(random));
                        } catch (Exception | Error e) {
                            return CompletableFuture.failedFuture(e);
                        }
                    });
                    clock.runAll(100);
                    end = result.handle((value, error) -> error == null
                                    ? value
                                    : Outcomes.unwrapped(error).toString())
                            .join();
                } else {
                    try {
                        end = pipeline.call(() -> outcome(random));
                    } catch (Exception | Error e) {
                        end = e.toString();
                    }
                }
                history.append(end).append('@').append(clock.elapsed()).append('\n');
                clock.advance(ofMillis(130));
            }
            history.append(pipeline.stats()).append(breaker.stats()).append(books.events);
            ends.add(history.toString());
        }
        assertThat(ends.get(1)).isEqualTo(ends.get(0));
    }

    private static String outcome(Random random) throws IOException {
        return switch (random.nextInt(6)) {
            case 0, 1 -> throw new IOException();
            case 2 -> throw new IllegalStateException();
            case 3 -> throw new CancellationException();
            case 4 -> "bad";
            default -> "good";
        };
    }
}
