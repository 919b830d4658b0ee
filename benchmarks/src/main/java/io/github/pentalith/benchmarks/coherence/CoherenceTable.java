// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import io.github.pentalith.benchmarks.coherence.Coherence.Fault;
import io.github.pentalith.benchmarks.coherence.Coherence.Outcome;
import io.github.pentalith.benchmarks.coherence.Coherence.Plan;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The experiments of one page, and the page: each cache without faults, with cut connections, with every fault, with one cut at rest. */
public final class CoherenceTable {
    private final Map<String, Plan> plans = new LinkedHashMap<>();
    private final PrintStream out;
    private final List<Outcome> outcomes = new ArrayList<>();

    /** A table whose experiments write for the given time each. */
    public CoherenceTable(Duration run, PrintStream out) {
        this.out = out;
        plans.put("none", Plan.of(run).faults(List.of()));
        plans.put("connections cut", Plan.of(run).faults(List.of(Fault.CUT)));
        plans.put("all", Plan.of(run));
        plans.put("one cut at rest", Plan.of(run.dividedBy(4)).faults(List.of()).withCutAtRest());
    }

    /** Does the experiments and returns them as Markdown. */
    public String run(List<String> subjects) throws IOException {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        for (String subject : subjects) {
            for (Map.Entry<String, Plan> plan : plans.entrySet()) {
                Outcome outcome = Coherence.run(subject, plan.getValue(), out);
                outcomes.add(outcome);
                String row = row(plan.getKey(), outcome);
                out.print(row);
                page.append(row);
            }
        }
        page.append('\n');
        for (String subject : subjects) {
            page.append("- ")
                    .append(subject)
                    .append(": ")
                    .append(Coherence.setup(subject))
                    .append('\n');
        }
        return page.toString();
    }

    /** Whether a cache had no key stale for good, and no late read. */
    public boolean isClean(String subject) {
        return outcomes.stream()
                .filter(outcome -> outcome.subject().equals(subject))
                .allMatch(outcome -> outcome.staleForGood() == 0 && outcome.late() == 0);
    }

    private static String row(String faults, Outcome outcome) {
        return String.format(
                "| %s | %s | %,d / %,d | %,d / %,d | %,d ms | %,d | %,d | %,d |%n",
                outcome.subject(),
                faults,
                outcome.staleForGood(),
                outcome.checked(),
                outcome.late(),
                outcome.reads(),
                outcome.worst().toMillis(),
                outcome.writes(),
                outcome.loads(),
                outcome.failedReads());
    }

    private static final String INTRODUCTION = """
            # Stale values in caches shared by processes

            Three JVMs, each with three readers and a writer, share 600 keys over one real Redis; every read is judged
            by a ledger that all of them map into memory. *Stale for good*: at the end the writers rest for three and a
            half seconds, then each JVM reads each key twice, half a second apart; counted is what is older than the
            last acknowledged write both times. *Late*: reads that return a version which an acknowledged write had
            superseded for more than 500 ms when the read began. Faults are caused one after the other, 1.5 s apart:
            connections cut, Redis frozen for up to 2 s, Redis killed and started empty, a JVM frozen for 1 s, a JVM
            killed and started. *One cut at rest*: when nobody writes any more and everybody holds every key, all
            connections are cut and one JVM writes each key once; this shows who does not find out that its connection
            is dead.

            Made by `benchmarks/run coherence --output docs/benchmarks/coherence.md`.

            | cache | faults | stale for good | late reads | worst | writes | database reads | failed reads |
            |---|---|---:|---:|---:|---:|---:|---:|
            """;
}
