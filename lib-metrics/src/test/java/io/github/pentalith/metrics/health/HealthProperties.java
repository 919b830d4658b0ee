// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.TimeSource;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Laws of health: the worst that counts, answers no older than they may be, thresholds both ways; against a model. */
class HealthProperties {
    /** From best to worst. */
    private static final List<Health.Status> SEVERITY =
            List.of(Health.Status.UP, Health.Status.DEGRADED, Health.Status.UNKNOWN, Health.Status.DOWN);

    private static final List<HealthCheck.Group> GROUPS = List.of(HealthCheck.Group.values());

    /** What a check is told to answer, and what it must show. */
    private static final class Model {
        final HealthCheck.Group group;
        final boolean critical;
        final long cacheMillis;
        final int failureThreshold;
        final int successThreshold;
        final List<Health.Status> answers = new ArrayList<>(); // all that were asked for
        Health.Status next = Health.Status.UP;
        Health.Status shown;
        long askedAt;

        Model(Random random) {
            group = GROUPS.get(random.nextInt(3));
            critical = random.nextBoolean();
            cacheMillis = random.nextInt(3) * 500L;
            failureThreshold = 1 + random.nextInt(3);
            successThreshold = 1 + random.nextInt(3);
        }

        HealthCheck check(String name) {
            HealthCheck.Probe probe = () -> {
                answers.add(next);
                return switch (next) {
                    case UP -> Health.up();
                    case DEGRADED -> Health.degraded("slow");
                    case UNKNOWN -> Health.unknown("who knows");
                    case DOWN -> throw new java.io.IOException("away");
                };
            };
            HealthCheck check = switch (group) {
                case LIVENESS -> HealthCheck.liveness(name, probe);
                case READINESS -> HealthCheck.readiness(name, probe);
                case STARTUP -> HealthCheck.startup(name, probe);
            };
            return check.critical(critical)
                    .cacheFor(Duration.ofMillis(cacheMillis))
                    .failureThreshold(failureThreshold)
                    .successThreshold(successThreshold);
        }

        boolean mustAsk(long now) {
            return answers.isEmpty() || now - askedAt >= cacheMillis;
        }

        /** The last answers decide: enough of one kind in a row change down to not down and back. */
        void asked(long now) {
            askedAt = now;
            Health.Status last = answers.get(answers.size() - 1);
            boolean down = last == Health.Status.DOWN;
            int row = 0;
            while (row < answers.size() && (answers.get(answers.size() - 1 - row) == Health.Status.DOWN) == down) {
                row++;
            }
            boolean turns = shown != null && down != (shown == Health.Status.DOWN);
            if (!turns || row >= (down ? failureThreshold : successThreshold)) {
                shown = last;
            }
        }
    }

    @Property(tries = 300)
    void report_ofAnyChecksOverTime_showsWhatTheModelShows(@ForAll @LongRange(max = 1_000_000) long seed) {
        Random random = new Random(seed);
        VirtualTime time = VirtualTime.create();
        HealthRegistry registry = HealthRegistry.builder("test")
                .executor(Runnable::run)
                .time(TimeSource.system().ticker(time).clock(time))
                .build();
        List<Model> models = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            Model model = new Model(random);
            registry.register(model.check("check" + models.size()));
            models.add(model);
        }
        for (int step = 0; step < 60; step++) {
            time.advance(Duration.ofMillis(random.nextInt(4) * 250L));
            models.forEach(model ->
                    model.next = SEVERITY.get(random.nextInt(3) == 0 ? random.nextInt(4) : 3 * random.nextInt(2)));
            HealthCheck.Group group = random.nextInt(4) == 0 ? null : GROUPS.get(random.nextInt(3));
            long now = time.elapsed().toMillis();
            List<Model> asked = new ArrayList<>();
            List<Integer> before = new ArrayList<>();
            List<Boolean> due = new ArrayList<>();
            for (Model model : models) {
                if (group == null || model.group == group) {
                    asked.add(model);
                    before.add(model.answers.size());
                    due.add(model.mustAsk(now));
                }
            }
            HealthReport report = group == null ? registry.report() : registry.report(group);
            int worst = 0;
            assertThat(report.checks()).hasSize(asked.size());
            for (int i = 0; i < asked.size(); i++) {
                Model model = asked.get(i);
                assertThat(model.answers.size() - before.get(i)).isEqualTo(due.get(i) ? 1 : 0); // fresh ones are kept
                if (due.get(i)) {
                    model.asked(now);
                }
                HealthReport.Check check = report.checks().get(i);
                assertThat(check.health().status()).isEqualTo(model.shown);
                assertThat(check.age()).isEqualTo(Duration.ofMillis(now - model.askedAt));
                int severity = SEVERITY.indexOf(model.shown);
                worst = Math.max(worst, model.critical ? severity : Math.min(severity, 1));
            }
            assertThat(report.status()).isEqualTo(SEVERITY.get(worst));
            assertThat(report.httpStatus()).isEqualTo(worst == 3 ? 503 : 200);
        }
    }

    @Property(tries = 200)
    void report_withAnyHungChecks_endsAtTheLongestOfTheirTimeouts(@ForAll @LongRange(max = 1_000_000) long seed) {
        Random random = new Random(seed);
        VirtualTime time = VirtualTime.create();
        List<Runnable> hung = new ArrayList<>();
        boolean[] hangs = {false};
        HealthRegistry registry = HealthRegistry.builder("test")
                .executor(task -> {
                    if (hangs[0]) {
                        hung.add(task);
                    } else {
                        task.run();
                    }
                    hangs[0] = random.nextBoolean();
                })
                .time(TimeSource.of(time))
                .build();
        int checks = random.nextInt(6);
        List<Duration> timeouts = new ArrayList<>();
        for (int i = 0; i < checks; i++) {
            timeouts.add(Duration.ofMillis(1 + random.nextInt(5_000)));
            registry.register(HealthCheck.readiness("check" + i, Health::up)
                    .timeout(timeouts.get(i))
                    .cacheFor(Duration.ofDays(1)));
        }
        HealthReport report = registry.report();
        Duration longest = Duration.ZERO;
        int down = 0;
        for (int i = 0; i < checks; i++) {
            HealthReport.Check check = report.checks().get(i);
            if (check.health().status() == Health.Status.DOWN) {
                down++;
                longest = longest.compareTo(timeouts.get(i)) < 0 ? timeouts.get(i) : longest;
                assertThat(check.health().details())
                        .containsEntry(
                                "reason", "no answer within " + timeouts.get(i).toMillis() + " ms");
            }
        }
        assertThat(down).isEqualTo(hung.size());
        assertThat(time.elapsed()).isEqualTo(longest);
        hung.forEach(Runnable::run); // answers that come too late change nothing
        assertThat(registry.report().checks().stream()
                        .filter(check -> check.health().status() == Health.Status.DOWN)
                        .count())
                .isEqualTo(down);
    }
}
