// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Unit;
import java.io.IOException;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The process and its virtual machine: {@code process_*} as Prometheus' client guidelines name them, {@code jvm_*} as
 * its Java client does, and {@code pentalith_metrics_*} about the registry itself. The guide lists all names.
 *
 * <p>Thread-safe; values are read once per scrape. Figures that the platform does not offer are left out.
 */
public final class JvmMetrics {
    private static final Path PROC = Path.of("/proc/self");

    private final List<Runnable> updates = new ArrayList<>();

    private JvmMetrics() {}

    /**
     * Adds the metrics to a registry, under no namespace.
     *
     * @param registry where they are shown
     * @return what ends their updates; the last values stay
     */
    public static Registration bind(MetricRegistry registry) {
        MetricRegistry plain = registry.namespace("");
        JvmMetrics metrics = new JvmMetrics();
        metrics.process(plain, PROC);
        metrics.memory(plain);
        metrics.collectors(plain);
        metrics.threadsAndClasses(plain);
        metrics.registry(registry.namespace("pentalith_metrics"));
        return registry.onCollect(() -> metrics.updates.forEach(Runnable::run));
    }

    private void process(MetricRegistry registry, Path proc) {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        registry.gauge("process_start_time", "Start of the process since the epoch.")
                .unit(Unit.SECONDS)
                .register()
                .set(runtime.getStartTime() / 1e3);
        registry.gauge("jvm_info", "Version of the virtual machine, with value 1.")
                .labels("runtime", "vendor", "version")
                .with(runtime.getVmName(), runtime.getVmVendor(), runtime.getVmVersion())
                .set(1);
        registry.gauge("process_processors", "Processors available to the process.")
                .register()
                .set(Runtime.getRuntime().availableProcessors());
        Counter cpu = registry.counter("process_cpu", "Processor time used by the process.")
                .nanoseconds()
                .register();
        updates.add(() -> cpu.observe(cpuNanos()));
        if (Files.isDirectory(proc.resolve("fd"))) {
            Gauge open =
                    registry.gauge("process_open_fds", "Open file descriptors.").register();
            Gauge resident = registry.gauge("process_resident_memory", "Resident memory.")
                    .unit(Unit.BYTES)
                    .register();
            Gauge virtual = registry.gauge("process_virtual_memory", "Virtual memory.")
                    .unit(Unit.BYTES)
                    .register();
            updates.add(() -> {
                open.set(entries(proc.resolve("fd")));
                resident.set(kibibytes(proc.resolve("status"), "VmRSS:") * 1024);
                virtual.set(kibibytes(proc.resolve("status"), "VmSize:") * 1024);
            });
        }
    }

    private static long cpuNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(java.time.Duration::toNanos)
                .orElse(0L);
    }

    /** The number of entries of a folder, NaN if it cannot be read. */
    static double entries(Path folder) {
        int count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path unused : entries) {
                count++;
            }
            return count;
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    /** The figure behind a keyword of {@code /proc/self/status}, NaN if there is none. */
    static double kibibytes(Path status, String keyword) {
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith(keyword)) {
                    return Double.parseDouble(line.substring(keyword.length()).replace("kB", ""));
                }
            }
        } catch (IOException | NumberFormatException e) {
            return Double.NaN;
        }
        return Double.NaN;
    }

    private void memory(MetricRegistry registry) {
        Family<Gauge> used = registry.gauge("jvm_memory_used", "Memory in use.")
                .unit(Unit.BYTES)
                .labels("area");
        Family<Gauge> committed = registry.gauge("jvm_memory_committed", "Memory that is guaranteed to be there.")
                .unit(Unit.BYTES)
                .labels("area");
        Family<Gauge> max = registry.gauge("jvm_memory_max", "Memory that may be used at most; -1 without limit.")
                .unit(Unit.BYTES)
                .labels("area");
        Family<Gauge> pool = registry.gauge("jvm_memory_pool_used", "Memory in use by pool.")
                .unit(Unit.BYTES)
                .labels("pool");
        var memory = ManagementFactory.getMemoryMXBean();
        updates.add(() -> {
            show(memory.getHeapMemoryUsage(), "heap", used, committed, max);
            show(memory.getNonHeapMemoryUsage(), "nonheap", used, committed, max);
            for (MemoryPoolMXBean bean : ManagementFactory.getMemoryPoolMXBeans()) {
                MemoryUsage usage = bean.getUsage();
                pool.with(bean.getName()).set(usage == null ? Double.NaN : (double) usage.getUsed());
            }
        });
    }

    private static void show(
            MemoryUsage usage, String area, Family<Gauge> used, Family<Gauge> committed, Family<Gauge> max) {
        used.with(area).set((double) usage.getUsed());
        committed.with(area).set((double) usage.getCommitted());
        max.with(area).set((double) usage.getMax());
    }

    private void collectors(MetricRegistry registry) {
        Family<Counter> runs =
                registry.counter("jvm_gc_collections", "Garbage collections.").labels("gc");
        Family<Counter> time = registry.counter("jvm_gc_collection", "Time spent in garbage collections.")
                .nanoseconds()
                .labels("gc");
        updates.add(() -> {
            for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
                runs.with(bean.getName()).observe(Math.max(0, bean.getCollectionCount()));
                time.with(bean.getName()).observe(TimeUnit.MILLISECONDS.toNanos(Math.max(0, bean.getCollectionTime())));
            }
        });
    }

    private void threadsAndClasses(MetricRegistry registry) {
        Gauge current = registry.gauge("jvm_threads_current", "Live threads.").register();
        Gauge daemon =
                registry.gauge("jvm_threads_daemon", "Live daemon threads.").register();
        Gauge peak = registry.gauge("jvm_threads_peak", "Most live threads at one time.")
                .register();
        Counter started =
                registry.counter("jvm_threads_started", "Threads started.").register();
        Gauge loaded = registry.gauge("jvm_classes_currently_loaded", "Classes loaded now.")
                .register();
        Counter everLoaded = registry.counter("jvm_classes_loaded", "Classes loaded since the start.")
                .register();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        updates.add(() -> {
            current.set(threads.getThreadCount());
            daemon.set(threads.getDaemonThreadCount());
            peak.set(threads.getPeakThreadCount());
            started.observe(threads.getTotalStartedThreadCount());
            loaded.set(classes.getLoadedClassCount());
            everLoaded.observe(classes.getTotalLoadedClassCount());
        });
    }

    private void registry(MetricRegistry registry) {
        Gauge series = registry.gauge("series", "Series in the registry.").register();
        Counter rejected = registry.counter("rejected_samples", "Samples that were negative, infinite or no number.")
                .register();
        Counter overflowed = registry.counter("overflowed_lookups", "Look-ups beyond the limit of label sets.")
                .register();
        Counter failed = registry.counter("failed_hooks", "Hooks and gauge functions that threw.")
                .register();
        updates.add(() -> {
            MetricRegistry.Stats stats = registry.stats();
            series.set(stats.series());
            rejected.observe(stats.rejectedSamples());
            overflowed.observe(stats.overflowedLookups());
            failed.observe(stats.failedHooks());
        });
    }
}
