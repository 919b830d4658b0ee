// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import io.github.pentalith.testkit.RealRedis;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The experiment: processes that share a Redis read and write through one cache, while connections are cut, Redis and
 * processes are frozen and killed. Afterwards the writers rest, and every process reads every key: a value that is
 * older than what was acknowledged, and half a second later still is, stays <em>stale for good</em>, until its time to
 * live ends. During the run, a read is <em>late</em> if it returns a version that had been superseded, by an
 * acknowledged write, for longer than the bound when the read began.
 */
public final class Coherence {
    /** What can go wrong. */
    public enum Fault {
        /** All connections to Redis are cut. */
        CUT,
        /** Redis is frozen (SIGSTOP) for up to two seconds. */
        REDIS_FREEZE,
        /** Redis is killed (SIGKILL) and started again, empty. */
        REDIS_KILL,
        /** A process is frozen for a second. */
        MEMBER_FREEZE,
        /** A process is killed and started again. */
        MEMBER_KILL
    }

    /**
     * How an experiment is done.
     *
     * @param members the number of processes, from 2 on
     * @param keys the number of keys
     * @param run how long it writes
     * @param bound how long a superseded version may be read
     * @param faults what happens meanwhile
     * @param pause between two faults
     * @param seed chooses the faults
     * @param cutAtRest whether at the end, when nobody writes and everybody holds everything, all connections are cut and
     *     one process writes each key once
     */
    public record Plan(
            int members,
            int keys,
            Duration run,
            Duration bound,
            List<Fault> faults,
            Duration pause,
            long seed,
            boolean cutAtRest) {
        /** Returns a plan with what can go wrong by default: everything, at any time. */
        public static Plan of(Duration run) {
            return new Plan(
                    3, 600, run, Duration.ofMillis(500), List.of(Fault.values()), Duration.ofMillis(1_500), 1, false);
        }

        /** Returns this plan with other faults. */
        public Plan faults(List<Fault> faults) {
            return new Plan(members, keys, run, bound, List.copyOf(faults), pause, seed, cutAtRest);
        }

        /** Returns this plan with another time between two faults. */
        public Plan pause(Duration pause) {
            return new Plan(members, keys, run, bound, faults, pause, seed, cutAtRest);
        }

        /** Returns this plan with all connections cut at the end, when nobody writes. */
        public Plan withCutAtRest() {
            return new Plan(members, keys, run, bound, faults, pause, seed, true);
        }

        /** Returns this plan with another seed. */
        public Plan seed(long seed) {
            return new Plan(members, keys, run, bound, faults, pause, seed, cutAtRest);
        }
    }

    /**
     * What came of it.
     *
     * @param subject the cache
     * @param checked keys read at the end, over all processes
     * @param staleForGood of them, stale twice, half a second apart
     * @param reads reads during the run; those of a killed process are not counted
     * @param late of them, later than the bound
     * @param worst the longest for which a version that was read had been superseded
     * @param writes acknowledged writes
     * @param loads reads of the database
     * @param failedReads reads that threw
     * @param refusedWrites writes that threw and were repeated
     * @param faults how often each fault happened
     */
    public record Outcome(
            String subject,
            long checked,
            long staleForGood,
            long reads,
            long late,
            Duration worst,
            long writes,
            long loads,
            long failedReads,
            long refusedWrites,
            Map<Fault, Integer> faults) {}

    private final Contender.Maker maker;
    private final Plan plan;
    private final PrintStream out;
    private final List<MemberProcess> members = new ArrayList<>();
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);

    private Coherence(String subject, Plan plan, PrintStream out) {
        this.maker = Contender.maker(subject);
        this.plan = plan;
        this.out = out;
    }

    /** Returns the names of the caches on the class path. */
    public static List<String> subjects() {
        return Contender.makers().stream().map(Contender.Maker::name).toList();
    }

    /** Returns how a cache is set up. */
    public static String setup(String subject) {
        return Contender.maker(subject).setup();
    }

    /**
     * Does an experiment. Needs about the plan's time and five seconds.
     *
     * @throws IllegalStateException if a process does not answer
     */
    public static Outcome run(String subject, Plan plan, PrintStream out) throws IOException {
        return new Coherence(subject, plan, out).run();
    }

    private Outcome run() throws IOException {
        Path folder = Files.createTempDirectory("pentalith-coherence-");
        try (RealRedis redis = RealRedis.launch()) {
            Path file = folder.resolve("ledger");
            Ledger.open(file, plan.keys());
            for (int i = 0; i < plan.members(); i++) {
                members.add(new MemberProcess(
                        folder.resolve("member-" + i + ".log"),
                        List.of(
                                maker.name(),
                                redis.uri().toString(),
                                file.toString(),
                                Integer.toString(plan.keys()),
                                Integer.toString(i),
                                Integer.toString(plan.members()),
                                Long.toString(plan.bound().toMillis()))));
            }
            for (MemberProcess member : members) {
                member.start();
            }
            members.forEach(member -> member.await("ready"));
            disturb(redis);
            if (plan.cutAtRest()) {
                cutAtRest(redis);
            }
            return judge();
        } finally {
            members.forEach(MemberProcess::close);
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private void disturb(RealRedis redis) throws IOException {
        Random random = new Random(plan.seed());
        long end = System.nanoTime() + plan.run().toNanos();
        int next = 0;
        // On a slow machine it takes longer than planned, until each fault has happened.
        while (end - System.nanoTime() > 0 || next < plan.faults().size()) {
            pause(plan.pause());
            boolean isOver =
                    end - System.nanoTime() <= 0 && next >= plan.faults().size();
            if (plan.faults().isEmpty() || isOver) {
                continue;
            }
            Fault fault = plan.faults().get(next++ % plan.faults().size()); // each as often as the others
            happened.merge(fault, 1, Integer::sum);
            out.printf("%s: %s%n", maker.name(), fault);
            cause(fault, redis, members.get(random.nextInt(members.size())), random);
        }
    }

    /** A dead connection is found by who asks the server; here most ask nothing, as they hold everything. */
    private void cutAtRest(RealRedis redis) {
        members.forEach(member -> member.ask("quiesce"));
        pause(Duration.ofSeconds(1));
        members.forEach(Coherence::stale); // reads every key
        pause(Duration.ofSeconds(1));
        happened.merge(Fault.CUT, 1, Integer::sum);
        cut(redis);
        String unused = members.get(0).ask("rewrite");
    }

    private static void cut(RealRedis redis) {
        redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        redis.command("CLIENT", "KILL", "TYPE", "normal");
    }

    private static void cause(Fault fault, RealRedis redis, MemberProcess member, Random random) throws IOException {
        switch (fault) {
            case CUT -> cut(redis);
            case REDIS_FREEZE -> {
                redis.pause();
                pause(Duration.ofMillis(200 + random.nextInt(1_800)));
                redis.resume();
            }
            case REDIS_KILL -> {
                redis.kill();
                pause(Duration.ofMillis(random.nextInt(1_000)));
                redis.start();
            }
            case MEMBER_FREEZE -> {
                member.freeze();
                pause(Duration.ofSeconds(1));
                member.thaw();
            }
            case MEMBER_KILL -> {
                member.kill();
                member.start();
                member.await("ready");
            }
        }
    }

    private Outcome judge() {
        members.forEach(member -> member.ask("quiesce"));
        pause(plan.bound().plusSeconds(3)); // time for any reconnection, and for all that is under way
        List<Set<String>> first = members.stream().map(Coherence::stale).toList();
        pause(Duration.ofMillis(500));
        long staleForGood = 0;
        for (int i = 0; i < members.size(); i++) {
            Set<String> still = stale(members.get(i));
            still.retainAll(first.get(i));
            staleForGood += still.size();
        }
        long[] sum = new long[7];
        for (MemberProcess member : members) {
            long[] own = Arrays.stream(member.ask("report").split(" "))
                    .mapToLong(Long::parseLong)
                    .toArray();
            for (int i = 0; i < sum.length; i++) {
                sum[i] = i == 4 ? Math.max(sum[i], own[i]) : sum[i] + own[i];
            }
        }
        return new Outcome(
                maker.name(),
                (long) plan.keys() * plan.members(),
                staleForGood,
                sum[0],
                sum[3],
                Duration.ofNanos(sum[4]),
                sum[1],
                sum[2],
                sum[5],
                sum[6],
                Map.copyOf(happened));
    }

    private static Set<String> stale(MemberProcess member) {
        return Arrays.stream(member.ask("check").split(" "))
                .filter(key -> !key.isEmpty())
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (end - System.nanoTime() > 0) {
            LockSupport.parkNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), end - System.nanoTime()));
        }
    }
}
