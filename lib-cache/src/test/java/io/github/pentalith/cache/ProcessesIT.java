// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.RealRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share a Redis: stampedes, a holder of leases that dies, one that is frozen too long. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProcessesIT {
    private static final int THREADS = 64;

    @TempDir
    Path folder;

    private final List<Member> members = new ArrayList<>();
    private RealRedis redis;

    @BeforeEach
    void launch() {
        redis = RealRedis.launch();
    }

    @AfterEach
    void close() {
        Member.closeAll(members);
        redis.close();
    }

    private void launch(int count, Duration loadTimeout) throws IOException {
        for (int i = 0; i < count; i++) {
            members.add(new Member(redis.uri().toString(), folder, "member" + members.size(), loadTimeout));
        }
        for (Member member : members) {
            assertThat(member.ask("live")).isEqualTo("live");
        }
    }

    private static void storm(List<Member> members, String prefix, int keys) throws IOException {
        for (Member member : members) {
            member.tell("storm " + prefix + " " + keys + " " + THREADS);
        }
        for (Member member : members) {
            assertThat(member.answer()).isEqualTo("0 wrong");
        }
    }

    private static void print(String what, Map<String, Long> loads) {
        double sum = loads.values().stream().mapToLong(Long::longValue).sum();
        long most = loads.values().stream().mapToLong(Long::longValue).max().orElse(0);
        System.out.printf("%s: %.2f loads per key, at most %d%n", what, sum / loads.size(), most);
    }

    @Test
    void stampede_ofFourProcesses_loadsEachKeyOnce() throws Exception {
        int keys = Nodes.LONG ? 2_000 : 100;
        launch(4, Duration.ofSeconds(60));
        storm(members, "k", keys);
        Map<String, Long> loads = Member.loads(members);
        print("4 JVMs x " + THREADS + " threads", loads);
        assertThat(loads).hasSize(keys);
        assertThat(loads.values()).containsOnly(1L);
    }

    @Test
    void stampede_behindAHolderThatIsKilled_loadsEachKeyTwiceAtMost() throws Exception {
        launch(1, Duration.ofSeconds(10)); // its leases are of 5 s
        launch(3, Duration.ofSeconds(60)); // theirs do not lapse when the machine stands still
        assertThat(members.get(0).ask("hold h 20")).isEqualTo("holding");
        members.get(0).kill();
        storm(members.subList(1, 4), "h", 20);
        Map<String, Long> loads = Member.loads(members);
        print("holder of the leases killed -9, 3 JVMs x " + THREADS + " threads wait", loads);
        assertThat(loads).hasSize(20);
        assertThat(loads.values()).allMatch(count -> count <= 2);
    }

    @Test
    void lateFill_ofAHolderThatWasFrozenBeyondItsLease_isRefused() throws Exception {
        launch(2, Duration.ofSeconds(2)); // leases of 1 s
        Member frozen = members.get(0);
        Member other = members.get(1);
        Files.writeString(folder.resolve("k"), "old");
        assertThat(frozen.ask("slow k go")).isEqualTo("loading");
        frozen.freeze();
        Nodes.soon(() -> Long.valueOf(0).equals(redis.command("EXISTS", "~members:{k}")));
        Files.writeString(folder.resolve("k"), "new");
        assertThat(other.ask("get k")).isEqualTo("new");
        Files.writeString(folder.resolve("go"), "");
        frozen.thaw();
        assertThat(frozen.answer()).isEqualTo("slow old"); // its own caller: the load began before
        assertThat(frozen.ask("refused")).isEqualTo("1");
        assertThat(frozen.ask("get k")).isEqualTo("new");
        assertThat(other.ask("get k")).isEqualTo("new");
    }

    /** Longer than the bound: what it wakes up with is unverified, and the first read after it is not stale. */
    @Test
    void f15_processThatWasFrozen_wakesUpUnverified() throws Exception {
        launch(2, Duration.ofSeconds(20));
        Member frozen = members.get(0);
        Member writer = members.get(1);
        for (int i = 0; i < (Nodes.LONG ? 50 : 3); i++) {
            Files.writeString(folder.resolve("k"), "v" + i);
            assertThat(writer.ask("invalidate k")).isEqualTo("invalidated");
            assertThat(frozen.ask("held k v" + i)).isEqualTo("held");
            frozen.freeze();
            Files.writeString(folder.resolve("k"), "w" + i);
            assertThat(writer.ask("invalidate k")).isEqualTo("invalidated");
            frozen.tell("get k"); // waits for it in the pipe
            Nodes.pass(Duration.ofSeconds(1));
            frozen.thaw();
            assertThat(frozen.answer()).isEqualTo("w" + i);
        }
    }
}
