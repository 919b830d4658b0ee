// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pentalith.testkit.simulation.ServerFailedException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ServerTest {
    private final Simulation world = Simulation.seeded(3);
    private final List<String> replies = new ArrayList<>();

    private Server.Builder server() {
        return world.server("s").service(Distribution.constant(ofMillis(10)));
    }

    private CompletableFuture<Server> call(Server server, String label) {
        CompletableFuture<Server> call = server.call();
        call.whenComplete((reply, error) -> {
            String result = reply != null ? reply.name() : reason(error);
            replies.add(label + "=" + result + "@" + world.elapsed().toMillis());
        });
        return call;
    }

    private static String reason(Throwable error) {
        return error instanceof ServerFailedException failed
                ? failed.reason().toString()
                : error.getClass().getSimpleName();
    }

    @Test
    void call_moreCallsThanWorkers_waitTheirTurn() {
        Server server = server().workers(2).build();
        for (String label : List.of("a", "b", "c", "d", "e")) {
            call(server, label);
        }
        assertThat(server.load()).isEqualTo(5);
        assertThat(server)
                .hasToString("Server[s, workers=2, service=constant(PT0.01S), speed=1.0, serving=2, queued=3]");
        world.run(ofMillis(100));
        assertThat(replies).containsExactly("a=s@10", "b=s@10", "c=s@20", "d=s@20", "e=s@30");
        assertThat(server.completed()).isEqualTo(5);
        assertThat(server.load()).isZero();
    }

    @Test
    void call_fullQueue_isRefusedAtOnce() {
        Server server = server().queue(1).network(ofMillis(2)).build();
        call(server, "a");
        call(server, "b");
        call(server, "c");
        world.run(ofMillis(100));
        assertThat(replies).containsExactly("c=FULL@4", "a=s@14", "b=s@24");
        assertThat(server.failed()).isEqualTo(1);
        assertThat(server.arrivals()).isEqualTo(3);
    }

    @Test
    void speed_changed_holdsForCallsThatBeginLater() {
        Server server = server().speed(2).build();
        call(server, "a");
        call(server, "b");
        server.speed(0.1);
        assertThat(server.speed()).isEqualTo(0.1);
        world.run(ofMillis(200));
        assertThat(replies).containsExactly("a=s@5", "b=s@105");
    }

    @Test
    void down_withCallsInside_failsThemAndLaterOnes() {
        Server server = server().failureTime(ofMillis(3)).build();
        call(server, "a");
        call(server, "b");
        world.after(ofMillis(5), server::down);
        world.after(ofMillis(6), server::down);
        world.after(ofMillis(7), () -> call(server, "c"));
        world.after(ofMillis(20), server::up);
        world.after(ofMillis(30), () -> call(server, "d"));
        world.run(ofMillis(100));
        assertThat(replies).containsExactly("a=DOWN@5", "b=DOWN@5", "c=DOWN@10", "d=s@40");
        assertThat(server.failed()).isEqualTo(3);
        assertThat(server.completed()).isEqualTo(1);
    }

    @Test
    void pause_inTheMiddle_addsItsLengthToEverything() {
        Server server = server().workers(2).build();
        call(server, "a");
        world.after(ofMillis(5), () -> call(server, "b"));
        world.after(ofMillis(6), server::pause);
        world.after(ofMillis(7), () -> call(server, "c")); // a worker is free once a is done, but not before the end
        world.after(ofMillis(8), server::pause);
        world.after(ofMillis(12), () -> assertThat(server.toString()).contains("paused"));
        world.after(ofMillis(12), server::resume); // a would have ended at 10, b not yet
        world.after(ofMillis(13), server::resume);
        world.run(ofMillis(100));
        assertThat(replies).containsExactly("a=s@16", "b=s@21", "c=s@26");
    }

    @Test
    void pause_withAFreeWorker_keepsNewCallsWaiting() {
        Server server = server().workers(4).build();
        server.pause();
        call(server, "a");
        world.run(ofMillis(50));
        assertThat(replies).isEmpty();
        server.resume();
        world.run(ofMillis(10));
        assertThat(replies).containsExactly("a=s@60");
    }

    @Test
    void down_duringAPause_losesTheFrozenCalls() {
        Server server = server().build();
        call(server, "a");
        server.pause();
        world.after(ofMillis(20), server::down);
        world.after(ofMillis(25), server::up);
        world.after(ofMillis(30), server::resume);
        world.after(ofMillis(40), () -> call(server, "b"));
        world.run(ofMillis(100));
        assertThat(replies).containsExactly("a=DOWN@20", "b=s@50");
    }

    @Test
    void abandonedCalls_areServedUnlessTheServerLooks() {
        Server blind = server().build();
        Server seeing = world.server("t")
                .service(Distribution.constant(ofMillis(10)))
                .dropAbandoned()
                .build();
        for (Server server : List.of(blind, seeing)) {
            call(server, server.name() + "1");
            world.timeout(call(server, server.name() + "2"), ofMillis(5));
            call(server, server.name() + "3");
        }
        world.run(ofMillis(100));
        assertThat(replies)
                .containsExactly(
                        "s2=TimeoutException@5", "t2=TimeoutException@5", "s1=s@10", "t1=t@10", "t3=t@20", "s3=s@30");
        assertThat(blind.wasted()).isEqualTo(1);
        assertThat(blind.dropped()).isZero();
        assertThat(seeing.wasted()).isZero();
        assertThat(seeing.dropped()).isEqualTo(1);
    }

    @Test
    void failureRate_ofOne_failsEveryCallAfterItsService() {
        Server server = server().build();
        server.failureRate(1);
        call(server, "a");
        world.run(ofMillis(100));
        assertThat(replies).containsExactly("a=ERROR@10");
    }

    @Test
    void dependsOn_nextTier_keepsTheWorkerAndPassesFailuresOn() {
        Server database = world.server("db")
                .service(Distribution.constant(ofMillis(20)))
                .network(ofMillis(1))
                .build();
        Server front = server().dependsOn(database::call).build();
        call(front, "a");
        call(front, "b");
        call(front, "c");
        world.after(ofMillis(60), database::down); // b is in the database
        world.after(ofMillis(65), front::down); // c has been refused by the database; front dies on top
        world.run(ofMillis(200));
        assertThat(replies).containsExactly("a=s@32", "b=DEPENDENCY@61", "c=DOWN@65");
        assertThat(front.failed()).isEqualTo(2);
    }

    @Test
    void down_whileWaitingForTheNextTier_ignoresItsLateReply() {
        Server database =
                world.server("db").service(Distribution.constant(ofMillis(20))).build();
        Server front = server().dependsOn(database::call).build();
        call(front, "a");
        world.after(ofMillis(15), front::down);
        world.run(ofMillis(100));
        assertThat(replies).containsExactly("a=DOWN@15");
        assertThat(front.completed()).isZero();
        assertThat(database.completed()).isEqualTo(1);
    }

    @Test
    void failure_tellsServerReasonAndCause() {
        ServerFailedException error = new ServerFailedException("s", Reason.FULL);
        assertThat(error).hasMessage("server failed: server=s, reason=FULL");
        assertThat(error.server()).isEqualTo("s");
        assertThat(error.getStackTrace()).isEmpty();
        assertThat(new ServerFailedException("front", error)).hasCause(error);
    }

    @Test
    void parameters_outOfRange_areRefused() {
        Server server = server().build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.server("x").workers(0))
                .withMessage("workers must be positive: workers=0 (expected: 1 or more)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.server("x").queue(-1))
                .withMessage("capacity must not be negative: capacity=-1 (expected: 0 or more)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.speed(0))
                .withMessage("speed must be in range: speed=0.0 (expected: more than 0, at most 1e6)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.failureRate(1.5))
                .withMessage("rate must be in range: rate=1.5 (expected: 0 to 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> server().build()).withMessageContaining("name=server s");
        assertThat(world.server("zero")
                        .service(Distribution.constant(Duration.ZERO))
                        .build()
                        .call())
                .isNotDone();
    }
}
