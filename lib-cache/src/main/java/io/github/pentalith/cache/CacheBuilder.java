// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.ToIntBiFunction;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a cache. Not thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class CacheBuilder<K, V> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final TieredCache.Observer NOBODY = new TieredCache.Observer() {};

    final String name;

    @Nullable
    Class<K> keyType;

    @Nullable
    Class<V> valueType;

    private @Nullable Codec<K> keyCodec;
    private @Nullable Codec<V> valueCodec;
    long maximum = 10_000;

    @Nullable
    ToIntBiFunction<? super K, ? super V> weigher;

    int maximumValueBytes = 1 << 20;
    EntryOptions options = EntryOptions.of(Duration.ofMinutes(5));

    @Nullable
    CacheLoader<? super K, V> loader;

    @Nullable
    CacheWriter<? super K, ? super V> writer;

    @Nullable
    Executor executor;

    Duration loadTimeout = Duration.ofSeconds(10);
    Duration writeTimeout = Duration.ofSeconds(10);
    int maximumLoads = 64;

    @Nullable
    RemoteStore store;

    private @Nullable Pipeline pipeline;
    Duration maxUnverified = Duration.ofMillis(500);
    boolean strictWrites;
    LongSupplier ticker = System::nanoTime;
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    TieredCache.Observer observer = NOBODY;

    CacheBuilder(String name) {
        if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
            throw new IllegalArgumentException("name must be well-formed: name=" + name
                    + " (expected: 1 to 64 of letters, digits, dot, underscore and hyphen)");
        }
        this.name = name;
    }

    /**
     * Sets the codecs for the remote level.
     *
     * @param keyCodec of the keys: equal keys have equal bytes, other keys have others
     * @param valueCodec of the values
     * @return this
     */
    public CacheBuilder<K, V> codecs(Codec<K> keyCodec, Codec<V> valueCodec) {
        this.keyCodec = Objects.requireNonNull(keyCodec, "keyCodec");
        this.valueCodec = Objects.requireNonNull(valueCodec, "valueCodec");
        return this;
    }

    /**
     * Sets the size of the local level; the default is 10,000.
     *
     * @param entries the largest number of entries; 0: no local level
     * @return this
     * @throws IllegalArgumentException if the number is negative
     */
    public CacheBuilder<K, V> maximumSize(long entries) {
        this.maximum = inRange(entries, 0, Long.MAX_VALUE, "maximumSize");
        this.weigher = null;
        return this;
    }

    /**
     * Sets the weight of the local level, in place of its size: for values that differ much in size.
     *
     * @param weight the largest sum of weights
     * @param weigher the weight of an entry, for instance its bytes; less than 1 counts as 1. A remembered absence weighs
     *     1. Called once per entry, by the thread that keeps it
     * @return this
     * @throws IllegalArgumentException if the weight is not positive
     */
    public CacheBuilder<K, V> maximumWeight(long weight, ToIntBiFunction<? super K, ? super V> weigher) {
        this.maximum = inRange(weight, 1, Long.MAX_VALUE, "maximumWeight");
        this.weigher = Objects.requireNonNull(weigher, "weigher");
        return this;
    }

    /**
     * Sets how large a value may be in the remote level; the default is 1 MiB. A larger one is given to the caller
     * and held in the local level for {@code maxUnverified}.
     *
     * @param bytes the largest number of bytes, encoded
     * @return this
     * @throws IllegalArgumentException if the number is not positive
     */
    public CacheBuilder<K, V> maximumValueBytes(int bytes) {
        this.maximumValueBytes = (int) inRange(bytes, 1, Integer.MAX_VALUE, "maximumValueBytes");
        return this;
    }

    /**
     * Sets the options of entries; the default is a TTL of five minutes.
     *
     * @param options the options
     * @return this
     */
    public CacheBuilder<K, V> entry(EntryOptions options) {
        this.options = Objects.requireNonNull(options, "options");
        return this;
    }

    /**
     * Sets the loader of {@link TieredCache#get(Object)} and {@link TieredCache#getAll(Iterable)}.
     *
     * @param loader the loader
     * @return this
     */
    public CacheBuilder<K, V> loader(CacheLoader<? super K, V> loader) {
        this.loader = Objects.requireNonNull(loader, "loader");
        return this;
    }

    /**
     * Sets the writer, which makes {@link TieredCache#put}, {@link TieredCache#replaceIfVersion} and {@link
     * TieredCache#remove} write through to the source.
     *
     * @param writer the writer
     * @return this
     */
    public CacheBuilder<K, V> writer(CacheWriter<? super K, ? super V> writer) {
        this.writer = Objects.requireNonNull(writer, "writer");
        return this;
    }

    /**
     * Sets how long a write to the source may take, by the writer or within a {@link WriteIntent}; the default is 10
     * seconds. It must be longer than the longest transaction: after it, the remote level may hold values again that were
     * loaded before the commit. If a process dies while it writes, its key is loaded by every reader for as long.
     *
     * @param timeout the longest time
     * @return this
     * @throws IllegalArgumentException if the time is shorter than a millisecond
     */
    public CacheBuilder<K, V> writeTimeout(Duration timeout) {
        this.writeTimeout = atLeast(Duration.ofMillis(1), timeout, "writeTimeout");
        return this;
    }

    /**
     * Sets who runs refreshes and asynchronous calls; by default the cache has threads of its own for them, which exist
     * while there is work: at most as many as there may be loads.
     *
     * @param executor the executor; it is not closed with the cache
     * @return this
     */
    public CacheBuilder<K, V> executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /**
     * Sets how long a caller waits for another's load or for one of the permitted loads; the default is 10 seconds,
     * and a shorter {@link io.github.pentalith.resilience.Deadline} counts. A lease in the remote level holds for
     * half of it: a load that takes longer may be repeated by another process, and is then not kept.
     *
     * @param timeout the longest wait
     * @return this
     * @throws IllegalArgumentException if the time is shorter than 2 milliseconds
     */
    public CacheBuilder<K, V> loadTimeout(Duration timeout) {
        this.loadTimeout = atLeast(Duration.ofMillis(2), timeout, "loadTimeout");
        return this;
    }

    /**
     * Sets how many loads may run at once in this process; the default is 64. While the remote level is away, this
     * bounds what the source has to bear.
     *
     * @param loads the number
     * @return this
     * @throws IllegalArgumentException if the number is not positive
     */
    public CacheBuilder<K, V> maximumLoads(int loads) {
        this.maximumLoads = (int) inRange(loads, 1, Integer.MAX_VALUE, "maximumLoads");
        return this;
    }

    /**
     * Sets the remote level. The cache does not wait for it: until the feed is live, and whenever it is lost, the
     * local level holds values for {@code maxUnverified}.
     *
     * @param store the remote level
     * @return this
     */
    public CacheBuilder<K, V> remote(RemoteStore store) {
        this.store = Objects.requireNonNull(store, "store");
        return this;
    }

    /**
     * Sets the pipeline that calls to the remote level go through. The default has a breaker, which opens when half
     * of at least 5 among the last 20 calls failed, tries again after 250 ms and closes at once when the feed
     * is live again, and a bulkhead of 256 calls. It needs no retry, which costs more than a load.
     *
     * @param pipeline the pipeline
     * @return this
     */
    public CacheBuilder<K, V> remotePipeline(Pipeline pipeline) {
        this.pipeline = Objects.requireNonNull(pipeline, "pipeline");
        return this;
    }

    /**
     * Sets how long the local level is trusted without proof that all invalidations have been heard; the default is
     * 500 ms. Less than a few heartbeats of the feed (100 ms each) makes the local level useless.
     *
     * @param bound the bound
     * @return this
     * @throws IllegalArgumentException if the bound is negative
     */
    public CacheBuilder<K, V> maxUnverified(Duration bound) {
        this.maxUnverified = atLeast(Duration.ZERO, bound, "maxUnverified");
        return this;
    }

    /**
     * Sets what writes and invalidations do when the remote level fails: throw (true), or take effect in this
     * process at once and elsewhere when it is back (false, the default).
     *
     * @param strict whether they throw
     * @return this
     */
    public CacheBuilder<K, V> strictWrites(boolean strict) {
        this.strictWrites = strict;
        return this;
    }

    /**
     * Sets the clock; the default is {@link System#nanoTime}.
     *
     * @param ticker monotonic nanoseconds
     * @return this
     */
    public CacheBuilder<K, V> ticker(LongSupplier ticker) {
        this.ticker = Objects.requireNonNull(ticker, "ticker");
        return this;
    }

    /**
     * Sets the source of jitter; the default is {@link ThreadLocalRandom}.
     *
     * @param random a thread-safe source
     * @return this
     */
    public CacheBuilder<K, V> random(RandomGenerator random) {
        this.random = Objects.requireNonNull(random, "random");
        return this;
    }

    /**
     * Sets the observer; by default there is none.
     *
     * @param observer the observer
     * @return this
     */
    public CacheBuilder<K, V> observer(TieredCache.Observer observer) {
        this.observer = Objects.requireNonNull(observer, "observer");
        return this;
    }

    /**
     * Builds the cache.
     *
     * @return a cache, to be closed
     * @throws IllegalArgumentException if there is neither level, or a remote one without codecs, or a type has no
     *     codec
     */
    public TieredCache<K, V> build() {
        if (store == null && maximum == 0) {
            throw new IllegalArgumentException("cache must have a level: name=" + name
                    + ", maximumSize=0, remote=none (expected: a size of 1 or more, or a remote store)");
        }
        return new TieredCache<>(this);
    }

    @Nullable
    RemoteLevel<K, V> remoteLevel(LocalLevel<K, V> local, Coherence coherence, Counters counters) {
        if (store == null) {
            return null;
        }
        CircuitBreaker breaker = null;
        Pipeline through = pipeline;
        if (through == null) {
            String part = name + "-remote";
            breaker = CircuitBreaker.builder(part)
                    .window(20)
                    .minimumCalls(5)
                    .failureRate(0.5)
                    .openFor(Duration.ofMillis(250))
                    .build();
            Bulkhead bulkhead = Bulkhead.builder(part)
                    .limit(256)
                    .maxWait(Duration.ofMillis(50))
                    .build();
            through = Pipeline.builder(part).breaker(breaker).bulkhead(bulkhead).build();
        }
        Runnable revive = breaker == null ? () -> {} : breaker::reset;
        return new RemoteLevel<>(this, store, through, revive, keyEncoder(), codec(), local, coherence, counters);
    }

    private KeyEncoder<K> keyEncoder() {
        if (keyCodec != null) {
            return KeyEncoder.of(name, keyCodec);
        }
        if (keyType == null) {
            throw noCodecs();
        }
        return KeyEncoder.of(name, keyType);
    }

    private Codec<V> codec() {
        if (valueCodec != null) {
            return valueCodec;
        }
        if (valueType == null) {
            throw noCodecs();
        }
        return Codec.of(valueType);
    }

    private IllegalArgumentException noCodecs() {
        return new IllegalArgumentException("remote level must have codecs: name=" + name
                + " (expected: builder(name, keyType, valueType) or codecs(keyCodec, valueCodec))");
    }

    String describe(@Nullable RemoteLevel<K, V> remote) {
        return "TieredCache[" + name + (weigher == null ? ", maximumSize=" : ", maximumWeight=") + maximum + ", "
                + options + ", loadTimeout="
                + loadTimeout + ", maximumLoads=" + maximumLoads + ", remote="
                + (remote == null ? "none" : remote + ", maxUnverified=" + maxUnverified) + "]";
    }

    private long inRange(long value, long least, long most, String what) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    what + " must be in range: " + what + "=" + value + " (expected: " + least + " to " + most + ")");
        }
        return value;
    }

    private Duration atLeast(Duration least, Duration value, String what) {
        Objects.requireNonNull(value, what);
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    what + " must be in range: " + what + "=" + value + " (expected: " + least + " or more)");
        }
        return value;
    }
}
