// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.loadbalance.LoadBalancer.Candidate;
import io.github.pentalith.loadbalance.LoadBalancer.EndpointStats;
import io.github.pentalith.loadbalance.LoadBalancer.State;
import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class LoadBalancerTest {
    private final VirtualTime time = VirtualTime.create();
    private final EndpointHolder holder = EndpointHolder.of("nodes", Fleets.equal(3));
    private final List<String> events = new ArrayList<>();

    private final LoadBalancer.Observer observer = new LoadBalancer.Observer() {
        @Override
        public void onComplete(String balancer, String endpoint, Outcome outcome, long nanos) {
            events.add("complete " + endpoint + " " + outcome + " " + nanos);
        }

        @Override
        public void onRefused(String balancer, NoEndpointException.Reason reason) {
            events.add("refused " + reason);
        }

        @Override
        public void onState(String balancer, String endpoint, State state, String why) {
            events.add("state " + endpoint + " " + state);
        }

        @Override
        public void onPanic(String balancer, boolean panic) {
            events.add("panic " + panic);
        }

        @Override
        public void onReclaimed(String balancer, String endpoint, long nanos) {
            events.add("reclaimed " + endpoint);
        }
    };

    private <T> LoadBalancerBuilder<T> virtual(LoadBalancerBuilder<T> builder) {
        return builder.scheduler(time).ticker(time).executor(Runnable::run).random(Fleets.seeded(1));
    }

    private LoadBalancerBuilder<Endpoint> builder() {
        return virtual(LoadBalancer.builder("nodes", holder));
    }

    // Calls and verdicts

    @Test
    void call_returns_countsASuccess() throws Exception {
        LoadBalancer<Endpoint> balancer = builder().build();

        String id = balancer.call(lease -> lease.target().id());

        assertThat(id).startsWith("e000");
        LoadBalancer.Stats stats = balancer.stats();
        assertThat(stats.succeeded()).isOne();
        assertThat(stats.acquired()).isOne();
        assertThat(stats.inFlight()).isZero();
        assertThat(stats.endpoints()).extracting(EndpointStats::acquired).containsOnlyOnce(1L);
    }

    @Test
    void call_throws_passesTheExceptionAndCountsWhatItSays() {
        LoadBalancer<Endpoint> balancer = builder().build();
        IOException reset = new IOException("reset");

        assertThatThrownBy(() -> balancer.call(lease -> {
                    throw reset;
                }))
                .isSameAs(reset);
        for (Throwable e : List.of(
                new RejectedExecutionException(),
                new CancellationException(),
                new InterruptedException(),
                new SocketTimeoutException(),
                new HttpTimeoutException("late"),
                new TimeoutException(),
                new IllegalStateException())) {
            assertThatThrownBy(() -> balancer.call(lease -> {
                        throw (Exception) e;
                    }))
                    .isSameAs(e);
        }
        assertThatThrownBy(() -> balancer.call(lease -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);

        LoadBalancer.Stats stats = balancer.stats();
        assertThat(stats.localErrors()).isOne();
        assertThat(stats.cancelled()).isEqualTo(3);
        assertThat(stats.timeouts()).isEqualTo(3);
        assertThat(stats.serverErrors()).isEqualTo(2);
        assertThat(stats.acquired()).isEqualTo(9);
        assertThat(stats.endpoints().stream().mapToLong(EndpointStats::failed).sum())
                .isEqualTo(6);
    }

    @Test
    void call_workToldTheLease_thatVerdictCounts() {
        LoadBalancer<Endpoint> balancer = builder().build();

        balancer.call(lease -> {
            lease.overloaded(Duration.ofSeconds(1));
            return 0;
        });
        balancer.call(PickContext.create(), lease -> {
            lease.failure(Outcome.SERVER_ERROR);
            return 0;
        });

        assertThat(balancer.stats().overloaded()).isOne();
        assertThat(balancer.stats().serverErrors()).isOne();
        assertThat(balancer.stats().succeeded()).isZero();
    }

    @Test
    void call_checkedExceptionOfTheWork_isTheTypeOfTheCall() {
        LoadBalancer<Endpoint> balancer = builder().build();
        try {
            String unused = balancer.<String, IOException>call(lease -> {
                throw new IOException();
            });
        } catch (IOException e) { // compiles only if call throws just this
            assertThat(balancer.stats().localErrors()).isOne();
        }
    }

    @Test
    void outcomeOf_ownClassifier_decidesAndIsContainedWhenItThrows() {
        LoadBalancer<Endpoint> balancer = builder()
                .outcomeOf(e -> {
                    if (e instanceof IllegalStateException) {
                        throw new UnsupportedOperationException();
                    }
                    return Outcome.OVERLOADED;
                })
                .build();

        assertThatThrownBy(() -> balancer.call(lease -> {
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> balancer.call(lease -> {
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(balancer.stats().overloaded()).isOne();
        assertThat(balancer.stats().serverErrors()).isOne();
    }

    @Test
    void lease_secondVerdict_doesNothing() {
        LoadBalancer<Endpoint> balancer = builder().build();
        Lease<Endpoint> lease = balancer.acquire();
        assertThat(balancer.stats().inFlight()).isOne();
        assertThat(lease).hasToString("Lease[" + lease.endpoint().id() + "]");

        lease.success();
        lease.failure(Outcome.TIMEOUT);
        lease.overloaded(Duration.ZERO);
        lease.close();
        Lease<Endpoint> other = balancer.acquire(); // takes the same slot
        lease.close();

        assertThat(balancer.stats().inFlight()).isOne();
        assertThat(balancer.stats().succeeded()).isOne();
        other.close();
        assertThat(balancer.stats().cancelled()).isOne();
        assertThatThrownBy(() -> other.overloaded(Duration.ofSeconds(-1)))
                .hasMessage("retryAfter must not be negative: retryAfter=PT-1S (expected: 0 or more)");
    }

    // Async

    @Test
    void callAsync_stageCompletes_endsTheLeaseWithIt() {
        LoadBalancer<Endpoint> balancer = builder().build();
        CompletableFuture<String> source = new CompletableFuture<>();

        CompletableFuture<String> result = balancer.callAsync(PickContext.create(), lease -> source);
        assertThat(balancer.stats().inFlight()).isOne();
        source.complete("done");

        assertThat(result).isCompletedWithValue("done");
        assertThat(balancer.stats().succeeded()).isOne();
        assertThat(balancer.stats().inFlight()).isZero();
    }

    @Test
    void callAsync_stageFails_countsItsCause() {
        LoadBalancer<Endpoint> balancer = builder().build();
        CompletableFuture<String> source = new CompletableFuture<>();

        CompletableFuture<String> result =
                balancer.callAsync(PickContext.create(), lease -> source.thenApply(text -> text));
        source.completeExceptionally(new TimeoutException());

        assertThat(result).isCompletedExceptionally();
        assertThat(balancer.stats().timeouts()).isOne();
    }

    @Test
    void callAsync_resultCancelled_cancelsTheStageAndBlamesNobody() {
        LoadBalancer<Endpoint> balancer = builder().build();
        CompletableFuture<String> source = new CompletableFuture<>();

        balancer.callAsync(PickContext.create(), lease -> source).cancel(true);

        assertThat(source).isCancelled();
        assertThat(balancer.stats().cancelled()).isOne();
        assertThat(balancer.stats().inFlight()).isZero();
    }

    @Test
    void callAsync_nothingCanBeStarted_failsThroughTheResult() {
        LoadBalancer<Endpoint> balancer = builder().build();

        CompletableFuture<String> result = balancer.callAsync(PickContext.create(), lease -> {
            throw new IllegalStateException("no");
        });
        assertThatThrownBy(result::join).hasRootCauseMessage("no");
        assertThat(balancer.stats().serverErrors()).isOne();

        holder.update(set -> set.withAll(List.of()));
        CompletableFuture<String> refused = balancer.callAsync(PickContext.create(), lease -> null);
        assertThatThrownBy(refused::join).hasRootCauseInstanceOf(NoEndpointException.class);
    }

    // Nobody there

    @Test
    void acquire_noEndpoints_saysWhy() {
        LoadBalancer<Endpoint> balancer = builder().observer(observer).build();
        holder.update(set -> set.drain("e0000").drain("e0001").drain("e0002"));
        assertThatThrownBy(balancer::acquire)
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("no endpoint: balancer=nodes reason=DRAINED known=3");
        holder.update(set -> set.withAll(List.of()));
        assertThatThrownBy(balancer::acquire).isInstanceOfSatisfying(NoEndpointException.class, e -> {
            assertThat(e.reason()).isEqualTo(NoEndpointException.Reason.EMPTY);
            assertThat(e.name()).isEqualTo("nodes");
            assertThat(e.known()).isZero();
            assertThat(e.getStackTrace()).isEmpty();
        });
        balancer.close();
        assertThatThrownBy(balancer::acquire).hasMessageContaining("reason=CLOSED");

        assertThat(balancer.stats().refused()).isEqualTo(3);
        assertThat(events).contains("state e0001 DRAINED", "refused DRAINED", "refused EMPTY", "refused CLOSED");
    }

    @Test
    void acquire_allUnhealthyAndNoPanic_isRefused() {
        LoadBalancer<Endpoint> balancer = builder().panicThreshold(0).build();
        for (Endpoint endpoint : holder.current().endpoints()) {
            holder.health(endpoint.id(), false);
        }

        assertThatThrownBy(balancer::acquire).hasMessage("no endpoint: balancer=nodes reason=UNHEALTHY known=3");
    }

    // Health and panic

    @Test
    void health_flips_takeEndpointsOutAndBack() {
        LoadBalancer<Endpoint> balancer = builder().observer(observer).build();

        holder.health("e0001", false);
        assertThat(Fleets.picks(balancer, 3, 300)[1]).isZero();
        holder.health("e0001", true);
        assertThat(Fleets.picks(balancer, 3, 300)[1]).isPositive();
        assertThat(events).contains("state e0001 UNHEALTHY", "state e0001 READY");
    }

    @Test
    void panic_belowTheThreshold_usesAllButTheDrained() {
        holder.update(set -> set.with(Fleets.endpoint(3).weight(0)));
        LoadBalancer<Endpoint> balancer = builder().observer(observer).build();

        holder.health("e0000", false);
        assertThat(balancer.stats().panic()).isFalse();
        holder.health("e0001", false);

        assertThat(balancer.stats().panic()).isTrue();
        assertThat(Fleets.picks(balancer, 4, 400)).satisfies(counts -> {
            assertThat(counts[0]).isPositive();
            assertThat(counts[3]).isZero();
        });
        assertThat(balancer.explain(PickContext.create()))
                .extracting(Candidate::why)
                .containsExactly(
                        "its source says so; used in panic",
                        "its source says so; used in panic",
                        "ready, not probed",
                        "weight 0");
        holder.health("e0000", true);
        assertThat(balancer.stats().panic()).isFalse();
        assertThat(events).contains("panic true", "panic false");
    }

    // Explanation

    @Test
    void explain_ofARequest_saysForEachEndpointWhy() {
        holder.update(set -> set.drain("e0002"));
        LoadBalancer<Endpoint> balancer = builder().build();
        PickContext request = PickContext.create();
        Lease<Endpoint> first = balancer.acquire(request);

        List<Candidate> candidates = balancer.explain(request);

        assertThat(candidates).hasSize(3);
        assertThat(candidates)
                .filteredOn(candidate -> candidate.endpoint().equals(first.endpoint()))
                .singleElement()
                .isEqualTo(new Candidate(
                        first.endpoint(), State.READY, false, true, 1, "ready, not probed; tried by this request"));
        assertThat(candidates).filteredOn(Candidate::eligible).hasSize(1);
        assertThat(candidates.get(2).state()).isEqualTo(State.DRAINED);
        assertThat(request).hasToString("PickContext[tried=" + first.endpoint().id() + "]");

        balancer.acquire(request).close();
        assertThat(balancer.explain(request))
                .filteredOn(Candidate::eligible)
                .hasSize(2)
                .allSatisfy(candidate -> assertThat(candidate.why()).endsWith("tried, but so are all others"));
    }

    @Test
    void text_ofABalancer_showsTheEffectiveSettings() {
        LoadBalancer<Endpoint> balancer =
                builder().healthProbe(HealthProbe.tcp().port(99)).build();

        assertThat(balancer)
                .hasToString("LoadBalancer[nodes, policy=leastRequest(2), healthProbe=HealthProbe.tcp()"
                        + "[interval=PT2S, fastInterval=PT0.500000001S, timeout=PT1S, rise=2, fall=3, jitter=0.1, port=99]"
                        + ", panicThreshold=0.5, maxLeaseAge=PT5M, eligible=3 of 3]");
        assertThat(balancer.name()).isEqualTo("nodes");
        balancer.close();
    }

    // Tokens

    @Test
    void tokens_oneLease_isTheSameAsTheObject() {
        LoadBalancer<Endpoint> balancer = builder().build();
        LoadBalancer.Tokens<Endpoint> tokens = balancer.tokens();
        PickContext request = PickContext.create();

        long token = tokens.acquire(request);
        assertThat(tokens.target(token)).isEqualTo(tokens.endpoint(token));
        assertThat(request.tried(tokens.endpoint(token))).isTrue();
        assertThat(tokens.complete(token, Outcome.SUCCESS)).isTrue();
        assertThat(tokens.complete(token, Outcome.TIMEOUT)).isFalse();

        long next = tokens.acquire();
        assertThat(next).isNotEqualTo(token);
        assertThat(tokens.complete(token, Outcome.TIMEOUT)).isFalse();
        assertThat(tokens.complete(next, Outcome.CANCELLED)).isTrue();
        assertThat(balancer.stats().succeeded()).isOne();
        assertThat(balancer.stats().timeouts()).isZero();
        assertThatThrownBy(() -> tokens.target(token))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("token must be open: token=" + token);
    }

    @Test
    void tokens_foreignNumber_isRefused() {
        LoadBalancer.Tokens<Endpoint> tokens = builder().build().tokens();

        assertThatThrownBy(() -> tokens.complete(-1, Outcome.SUCCESS))
                .hasMessage("token must be one of this balancer's: token=-1 (expected: what acquire() returned)");
        assertThatThrownBy(() -> tokens.complete(Long.MAX_VALUE, Outcome.SUCCESS))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tokens.complete(99_999L << 32, Outcome.SUCCESS))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tokens_manyOpenAtOnce_eachKeepsItsEndpoint() {
        LoadBalancer<Endpoint> balancer = builder().build();
        LoadBalancer.Tokens<Endpoint> tokens = balancer.tokens();
        List<Long> open = new ArrayList<>();
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            open.add(tokens.acquire());
            endpoints.add(tokens.endpoint(open.get(i)));
        }
        assertThat(open).doesNotHaveDuplicates();
        assertThat(balancer.stats().inFlight()).isEqualTo(5_000);
        for (int i = 0; i < 5_000; i += 2) {
            assertThat(tokens.complete(open.get(i), Outcome.SUCCESS)).isTrue();
        }
        for (int i = 1; i < 5_000; i += 2) {
            assertThat(tokens.endpoint(open.get(i))).isEqualTo(endpoints.get(i));
            assertThat(tokens.complete(open.get(i), Outcome.SUCCESS)).isTrue();
        }
        assertThat(balancer.stats().inFlight()).isZero();
        assertThat(balancer.stats().succeeded()).isEqualTo(5_000);
    }

    // Abandoned leases

    @Test
    void maxLeaseAge_abandonedLease_isTakenBackAndReportedNotEarlierAndNotMuchLater() {
        LoadBalancer<Endpoint> balancer =
                builder().observer(observer).maxLeaseAge(Duration.ofSeconds(10)).build();
        Lease<Endpoint> abandoned = balancer.acquire();

        time.advance(Duration.ofMillis(9_999));
        assertThat(balancer.stats().inFlight()).isOne();
        time.advance(Duration.ofMillis(1_001));

        assertThat(balancer.stats().inFlight()).isZero();
        assertThat(balancer.stats().reclaimed()).isOne();
        assertThat(events).containsExactly("reclaimed " + abandoned.endpoint().id());
        abandoned.success(); // too late
        assertThat(balancer.stats().succeeded()).isZero();
        assertThat(balancer.stats().acquired()).isOne();
    }

    @Test
    void maxLeaseAge_withoutObserver_countsFromTheTickAndIsStillNeverEarly() {
        LoadBalancer<Endpoint> balancer =
                builder().maxLeaseAge(Duration.ofSeconds(10)).build();
        time.advance(Duration.ofMillis(499)); // as far from the last tick as can be
        Lease<Endpoint> unused = balancer.acquire();

        time.advance(Duration.ofMillis(9_999));
        assertThat(balancer.stats().reclaimed()).isZero();
        time.advance(Duration.ofMillis(1_001));
        assertThat(balancer.stats().reclaimed()).isOne();
    }

    // Observer

    @Test
    void observer_completion_hasTheDuration() {
        LoadBalancer<Endpoint> balancer = builder().observer(observer).build();
        Lease<Endpoint> lease = balancer.acquire();
        time.advance(Duration.ofMillis(7));
        lease.success();

        assertThat(events).containsExactly("complete " + lease.endpoint().id() + " SUCCESS 7000000");
    }

    @Test
    void observer_thatThrows_isContained() {
        LoadBalancer<Endpoint> balancer = builder()
                .observer(new LoadBalancer.Observer() {
                    @Override
                    public void onComplete(String balancer, String endpoint, Outcome outcome, long nanos) {
                        throw new IllegalStateException();
                    }

                    @Override
                    public void onRefused(String balancer, NoEndpointException.Reason reason) {
                        throw new IllegalStateException();
                    }

                    @Override
                    public void onState(String balancer, String endpoint, State state, String why) {
                        throw new IllegalStateException();
                    }

                    @Override
                    public void onPanic(String balancer, boolean panic) {
                        throw new IllegalStateException();
                    }

                    @Override
                    public void onReclaimed(String balancer, String endpoint, long nanos) {
                        throw new IllegalStateException();
                    }
                })
                .build();

        assertThatCode(() -> {
                    balancer.acquire().success();
                    Lease<Endpoint> unused = balancer.acquire();
                    time.advance(Duration.ofMinutes(6));
                    holder.health("e0000", false);
                    holder.health("e0001", false);
                    holder.update(set -> set.withAll(List.of()));
                    assertThatThrownBy(balancer::acquire).isInstanceOf(NoEndpointException.class);
                })
                .doesNotThrowAnyException();
        assertThat(balancer.stats().reclaimed()).isOne();
    }

    // Sets and attached objects

    @Test
    void update_endpointThatStays_keepsItsCallsInFlight() {
        LoadBalancer<Endpoint> balancer = builder().build();
        holder.update(set -> set.without("e0001").without("e0002"));
        Lease<Endpoint> lease = balancer.acquire();

        holder.update(set -> set.with(Fleets.endpoint(0).weight(9)).with(Fleets.endpoint(5)));

        assertThat(balancer.stats().endpoints())
                .containsExactly(
                        new EndpointStats("e0000", State.READY, 9, 1, 1, 0),
                        new EndpointStats("e0005", State.READY, 1, 0, 0, 0));
        assertThat(lease.endpoint().weight()).isEqualTo(9);
        lease.success();
        assertThat(balancer.stats().endpoints().get(0).inFlight()).isZero();
    }

    @Test
    void update_endpointLeavesAndComesBackDuringACall_isStillTheSame() {
        LoadBalancer<Endpoint> balancer = builder().build();
        holder.update(set -> set.without("e0001").without("e0002"));
        Lease<Endpoint> lease = balancer.acquire();

        holder.update(set -> set.without("e0000"));
        holder.update(set -> set.with(Fleets.endpoint(0)));

        assertThat(balancer.stats().endpoints().get(0).inFlight()).isOne();
        lease.success();
        assertThat(balancer.stats().endpoints().get(0).inFlight()).isZero();
        holder.update(set -> set.without("e0000"));
        holder.update(set -> set.with(Fleets.endpoint(0)));
        assertThat(balancer.stats().endpoints().get(0).acquired())
                .as("closed meanwhile, so it is another")
                .isZero();
    }

    @Test
    void onEndpoints_olderEpoch_isIgnored() {
        EndpointSource.Listener[] sink = new EndpointSource.Listener[1];
        LoadBalancer<Endpoint> balancer = virtual(LoadBalancer.builder("nodes", listener -> {
                    sink[0] = listener;
                    return () -> {};
                }))
                .build();
        assertThatThrownBy(balancer::acquire).hasMessageContaining("EMPTY");

        sink[0].onEndpoints(EndpointSet.of(5, List.of(Fleets.endpoint(1))));
        sink[0].onEndpoints(EndpointSet.of(4, List.of(Fleets.endpoint(2))));
        sink[0].onHealth("nobody", false);

        assertThat(balancer.stats().epoch()).isEqualTo(5);
        assertThat(balancer.acquire().endpoint()).isEqualTo(Fleets.endpoint(1));
    }

    @Test
    void attach_eachEndpoint_isOpenedOnceAndClosedAfterItsLastLease() {
        List<String> log = new ArrayList<>();
        LoadBalancer<StringBuilder> balancer = virtual(LoadBalancer.builder("nodes", holder)
                        .attach(
                                endpoint -> {
                                    log.add("open " + endpoint.id());
                                    return new StringBuilder(endpoint.id());
                                },
                                client -> log.add("close " + client)))
                .build();
        assertThat(log).containsExactly("open e0000", "open e0001", "open e0002");
        log.clear();

        holder.update(set -> set.without("e0001").without("e0002"));
        assertThat(log).containsExactlyInAnyOrder("close e0001", "close e0002");
        log.clear();
        Lease<StringBuilder> lease = balancer.acquire();
        assertThat(lease.target()).hasToString("e0000");
        holder.update(set -> set.without("e0000"));
        assertThat(log).isEmpty();
        lease.success();
        assertThat(log).containsExactly("close e0000");
        assertThatThrownBy(lease::target)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the lease has ended, and its endpoint is gone: endpoint=e0000");
        log.clear();

        holder.update(set -> set.with(Fleets.endpoint(0)));
        holder.update(set -> set.with(Endpoint.of("e0000", "elsewhere", 1)));
        assertThat(log).containsExactly("open e0000", "open e0000", "close e0000");
        log.clear();
        Lease<StringBuilder> last = balancer.acquire();
        balancer.close();
        assertThat(log).isEmpty();
        last.close();
        assertThat(log).containsExactly("close e0000");
    }

    @Test
    void attach_openThrows_leavesTheEndpointOutAndTriesAgain() {
        List<Boolean> fail = new ArrayList<>(List.of(true));
        LoadBalancer<String> balancer = virtual(LoadBalancer.builder("nodes", holder)
                        .attach(
                                endpoint -> {
                                    if (fail.get(0) && endpoint.id().equals("e0001")) {
                                        throw new IllegalStateException("not now");
                                    }
                                    return endpoint.id();
                                },
                                client -> {
                                    throw new IllegalStateException("never");
                                }))
                .panicThreshold(1)
                .build();
        assertThat(balancer.stats().eligible()).isEqualTo(2);
        assertThat(balancer.explain(PickContext.create()).get(1).why())
                .isEqualTo("attaching failed: java.lang.IllegalStateException: not now");

        fail.set(0, false);
        time.advance(Duration.ofSeconds(1));

        assertThat(balancer.stats().eligible()).isEqualTo(3);
        balancer.close(); // what close throws is logged
        assertThat(balancer.stats().endpoints()).isEmpty();
    }

    // Rebuilding

    @Test
    void flips_manyOfALargeFleet_areTakenTogetherAndSeenWithin10Milliseconds() {
        int n = 20_000;
        holder.update(set -> set.withAll(List.of(Fleets.equal(n))));
        LoadBalancer<Endpoint> balancer = builder().panicThreshold(0).build();

        for (int i = 0; i < n - 1; i++) {
            holder.health(Fleets.endpoint(i).id(), false);
        }
        assertThat(balancer.stats().eligible()).as("changes were put off").isGreaterThan(1);
        time.advance(Duration.ofMillis(10));

        assertThat(balancer.stats().eligible()).isOne();
        assertThat(balancer.acquire().endpoint()).isEqualTo(Fleets.endpoint(n - 1));
    }

    @Test
    void build_sourceThrows_leavesNothingBehind() {
        assertThatThrownBy(() -> virtual(LoadBalancer.builder("nodes", listener -> {
                            throw new IllegalStateException("no source");
                        }))
                        .build())
                .hasMessage("no source");
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void builder_badValues_sayWhatWasExpected() {
        LoadBalancerBuilder<Endpoint> builder = builder();
        assertThatThrownBy(() -> builder.panicThreshold(1.5))
                .hasMessage("panicThreshold must be in range: panicThreshold=1.5 (expected: 0 to 1)");
        assertThatThrownBy(() -> builder.panicThreshold(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.maxLeaseAge(Duration.ZERO))
                .hasMessage("maxLeaseAge must be positive: maxLeaseAge=PT0S (expected: more than 0)");
        assertThatThrownBy(() -> Policy.leastRequest(1))
                .hasMessage("choices must be in range: choices=1 (expected: 2 or more)");
        assertThatThrownBy(() -> HealthProbe.http("x y"))
                .hasMessage("path must be an absolute path: path=x y"
                        + " (expected: a slash, then visible ASCII characters)");
        assertThatThrownBy(() -> HealthProbe.tcp().port(0))
                .hasMessage("port must be in range: port=0 (expected: 1 to 65,535)");
        assertThatThrownBy(() -> HealthProbe.tcp().rise(0))
                .hasMessage("rise must be in range: rise=0 (expected: 1 or more)");
        assertThatThrownBy(() -> HealthProbe.tcp().fall(0)).hasMessageContaining("fall=0");
        assertThatThrownBy(() -> HealthProbe.tcp().jitter(2)).hasMessageContaining("jitter=2.0");
        assertThatThrownBy(() -> HealthProbe.tcp().interval(Duration.ZERO)).hasMessageContaining("interval=PT0S");
        assertThatThrownBy(() -> HealthProbe.tcp().fastInterval(Duration.ZERO))
                .hasMessageContaining("fastInterval=PT0S");
        assertThatThrownBy(() -> HealthProbe.tcp().timeout(Duration.ZERO)).hasMessageContaining("timeout=PT0S");
        assertThat(Require.nanos(Duration.ofDays(1_000_000))).isEqualTo(Long.MAX_VALUE / 2);
    }

    @Test
    void of_fixedEndpoints_works() {
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.of("fixed", Fleets.endpoint(4))) {
            Endpoint endpoint = balancer.call(Lease::endpoint);
            assertThat(endpoint).isEqualTo(Fleets.endpoint(4));
        }
    }
}
