// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures subjects against each other: each in a JVM of its own, all JVMs alive at once, and turns of some bursts that
 * go round among them, so that a change of the machine's mood meets all subjects alike.
 *
 * <p>A burst of a few milliseconds is short enough that many are left alone by other programs and by the neighbours of a
 * virtual machine, who take caches and cycles that even CPU time cannot tell. And threads that block each other fall
 * into one rhythm or another and stay in it for seconds: two long measurements of the same code differ by a factor,
 * short ones in turn meet the same moods.
 *
 * <p>A burst is calm if no measuring thread waited for a CPU for more than a tenth of the time; one that sleeps of its
 * own accord, at a lock, does not wait for a CPU. Where all wait for a server, all bursts count, since client and server
 * wait for each other's CPU.
 */
final class Bursts {
    /** The same for every subject; recorded with the results. */
    static final List<String> JVM_ARGS =
            List.of("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC", "-Dsun.net.httpserver.nodelay=true");

    private static final double DISTURBED = 0.1;

    private Bursts() {}

    /** One fork of each trial; all are of one question and differ in the subject only. */
    static Map<Trial, Samples> measure(List<Trial> trials, Pace pace) {
        List<Worker> workers = new ArrayList<>();
        try {
            for (Trial trial : trials) {
                workers.add(new Worker(trial, pace));
            }
            for (Worker worker : workers) {
                worker.await("ready");
            }
            for (Worker worker : workers) {
                worker.send(); // one after the other: compilers need a CPU too
                worker.await("warm");
            }
            for (int turn = 0; turn < pace.turns; turn++) {
                for (Worker worker : workers) {
                    worker.turn();
                }
            }
            Map<Trial, Samples> measured = new LinkedHashMap<>();
            workers.forEach(worker -> measured.put(worker.trial, worker.samples()));
            return measured;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            workers.forEach(Worker::close);
        }
    }

    private static final class Worker implements AutoCloseable {
        final Trial trial;
        private final Process process;
        private final BufferedReader in;
        private final BufferedWriter out;
        private final Path errors;
        private final List<double[]> bursts = new ArrayList<>();

        Worker(Trial trial, Pace pace) throws IOException {
            this.trial = trial;
            this.errors = Files.createTempFile("burst-", ".log");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(JVM_ARGS);
            command.addAll(Loop.JVM_ARGS);
            command.add("-XX:-UsePerfData");
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), BurstWorker.class.getName()));
            command.addAll(List.of(trial.type().getName(), trial.subject(), Integer.toString(trial.threads())));
            command.addAll(List.of(Long.toString(pace.warmUpMillis), Long.toString(burst(trial))));
            trial.params().forEach((name, value) -> command.add(name + "=" + value));
            this.process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            this.in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            this.out = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        }

        private static long burst(Trial trial) {
            return trial.question().waits() ? Pace.WAITING_BURST_MICROS : Pace.BURST_MICROS;
        }

        void send() throws IOException {
            out.write('\n');
            out.flush();
        }

        String answer() throws IOException {
            String line = in.readLine();
            if (line == null) {
                throw new IllegalStateException("trial failed: " + trial + "\n" + Files.readString(errors));
            }
            return line;
        }

        void await(String word) throws IOException {
            String line = answer();
            if (!line.equals(word)) {
                throw new IllegalStateException("trial answered '" + line + "' in place of '" + word + "': " + trial);
            }
        }

        void turn() throws IOException {
            for (int i = 0; i < Pace.LEAD_IN; i++) {
                burst();
            }
            for (int i = 0; i < Pace.BURSTS; i++) {
                bursts.add(burst());
            }
        }

        private double[] burst() throws IOException {
            send();
            return Arrays.stream(answer().split(" ", -1))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        }

        Samples samples() {
            boolean[] calm = new boolean[bursts.size()];
            for (int i = 0; i < calm.length; i++) {
                calm[i] = trial.question().waits() || bursts.get(i)[3] <= DISTURBED;
            }
            return new Samples(List.of(new Samples.Fork(column(0), column(1), column(2), calm)));
        }

        private double[] column(int index) {
            return bursts.stream().mapToDouble(burst -> burst[index]).toArray();
        }

        @Override
        public void close() {
            try {
                out.close();
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
                Files.deleteIfExists(errors);
            } catch (IOException e) {
                process.destroyForcibly(); // it is gone already, or soon
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
