// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A Redis server, 6.2 or later, the master that sentinels name, or a Redis Cluster, as the remote level of caches,
 * through Jedis.
 *
 * <p>Thread-safe. Values are read, filled, written and invalidated by small Lua scripts, so that a lease is a fencing
 * token. Calls of many threads share a few connections: those that wait at the same time travel as one pipeline. Each
 * subscription listens on a connection of its own. Connections exist while there is a subscription; several caches may
 * share one store.
 *
 * <p>A call takes one round trip, and at most about the timeout when the server does not answer: connecting and reading
 * are bounded by it each. Failures are Jedis's exceptions. Credentials in the URI are shown nowhere.
 *
 * <p>A modular application that uses this class requires {@code redis.clients.jedis} itself.
 *
 * <p>The user needs the commands EVAL, EVALSHA, GET, MGET, SET, DEL, EXISTS, GETRANGE, TIME, ZADD, ZREM, ZCARD, ZSCORE,
 * ZRANGE, ZREMRANGEBYSCORE, PEXPIREAT, HELLO, PING and CLIENT TRACKING, with sentinels ROLE, in a cluster CLUSTER NODES. Without CLIENT TRACKING the local level holds values for {@code maxUnverified} only.
 *
 * <pre>{@code
 * RedisStore store = RedisStore.of("rediss://cache:secret@redis.example:6379/0");
 * }</pre>
 */
public final class RedisStore implements RemoteStore {
    private static final Fetched NOTHING = new Fetched(null, 0, Duration.ZERO, Duration.ZERO, 0, false);

    private final Servers servers;
    private final Hits hits = new Hits();
    private final String description;
    private final ReentrantLock opening = new ReentrantLock();
    private int subscriptions; // guarded by opening

    private RedisStore(Builder settings) {
        this.servers = settings.servers();
        this.description = "RedisStore[" + servers + ", connections=" + settings.connections + ", timeout="
                + settings.timeout.toMillis() + " ms]";
    }

    /**
     * Returns the store at a URI, with the defaults. It connects when a cache uses it.
     *
     * @param uri {@code redis://user:password@host:port/database}; {@code rediss://} for TLS, which checks the host's
     *     name; user, password, port and database may be left out
     * @return a store
     * @throws IllegalArgumentException if the URI does not name a Redis
     */
    public static RedisStore of(String uri) {
        return builder(uri).build();
    }

    /**
     * Begins a store at a URI.
     *
     * @param uri as in {@link #of}
     * @return a builder
     * @throws IllegalArgumentException if the URI is not well-formed
     */
    public static Builder builder(String uri) {
        return new Builder(Kind.SINGLE, uri, List.of());
    }

    /**
     * Begins a store on a Redis Cluster. All masters are listened to; slots may move and masters fail over.
     *
     * @param uri a node, as in {@link #of}; its user, password and scheme count for all nodes
     * @param others more nodes, to be asked for the rest when that one is away
     * @return a builder
     * @throws IllegalArgumentException if a URI is not well-formed
     */
    public static Builder cluster(String uri, String... others) {
        return new Builder(Kind.CLUSTER, uri, List.of(others));
    }

    /**
     * Begins a store on the master that Redis Sentinels name, and on its successor after a failover.
     *
     * @param master as in {@link #of}, with the name of the master, as the sentinels call it, in place of the host:
     *     {@code redis://user:password@mymaster/0}
     * @param sentinels the sentinels, each {@code redis://host:port}, with credentials of its own if it wants some
     * @return a builder
     * @throws IllegalArgumentException if a URI is not well-formed, or there is no sentinel
     */
    public static Builder sentinel(String master, String... sentinels) {
        if (sentinels.length == 0) {
            throw new IllegalArgumentException("sentinels must not be empty (expected: at least one URI)");
        }
        return new Builder(Kind.SENTINEL, master, List.of(sentinels));
    }

    /**
     * {@inheritDoc}
     *
     * <p>There are three ways to ask. A plain read is the cheapest for what is there; who then misses a lease must ask
     * again. To take a lease at once and look what is there is the cheapest for what is not; who then finds a value must
     * give the lease back. A script answers both well, for more than either. Many keys are read plainly first; for a
     * single one that may need a lease it depends on how the last ones went.
     */
    @Override
    public List<Fetched> fetch(List<byte[]> keys, Duration lease) {
        if (!servers.inOnePlace()) {
            return scripted(keys, null, lease);
        }
        if (keys.size() != 1 || lease.isZero()) {
            return read(keys, servers.read(keys), lease);
        }
        List<Fetched> fetched = hits.areUsual()
                ? read(keys, servers.read(keys), lease)
                : hits.areRare() ? leased(keys, lease) : scripted(keys, null, lease);
        hits.saw(fetched.get(0).value() != null);
        return fetched;
    }

    /** One key: the lease first, so that a change after the look at the value voids it. */
    private List<Fetched> leased(List<byte[]> keys, Duration lease) {
        byte[] key = keys.get(0);
        long token = token();
        List<Object> replies = servers.call(List.of(
                Command.takeLease(key, token, Command.ascii(Frame.millis(lease))),
                Command.of(Protocol.Command.MGET, key)));
        boolean granted = checked(replies.get(0)) instanceof byte[];
        boolean absent = ((List<?>) checked(replies.get(1))).get(0) == null;
        if (granted && absent) {
            return List.of(new Fetched(null, 0, Duration.ZERO, Duration.ZERO, token, false));
        }
        if (granted) {
            List<Long> unused = fill(List.of(new Fill(key, token, null, Duration.ZERO, Duration.ZERO)));
        }
        return scripted(keys, null, lease);
    }

    private List<Fetched> read(List<byte[]> keys, Values values, Duration lease) {
        List<Fetched> fetched = new ArrayList<>(keys.size());
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            byte[] stored = values.stored().get(i);
            Fetched each = stored == null ? NOTHING : Frame.fetched(stored, values.nowMillis(), 0);
            boolean current =
                    stored != null && (each.version() == 0 || !each.fresh().isZero());
            if (!current && (stored == null || !lease.isZero())) {
                missing.add(i);
            }
            fetched.add(each);
        }
        if (!missing.isEmpty() && !lease.isZero()) {
            List<Fetched> second = scripted(missing.stream().map(keys::get).toList(), null, lease);
            for (int i = 0; i < second.size(); i++) {
                fetched.set(missing.get(i), second.get(i));
            }
        }
        return fetched;
    }

    @Override
    public List<Fetched> refetch(List<byte[]> keys, List<Long> versions, Duration lease) {
        return scripted(keys, versions, lease);
    }

    private List<Fetched> scripted(List<byte[]> keys, @Nullable List<Long> versions, Duration lease) {
        byte[] leaseMillis = Command.ascii(Frame.millis(lease));
        List<Command> commands = new ArrayList<>(keys.size());
        long[] tokens = new long[keys.size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = token();
            long without = versions == null ? ANY_VERSION : versions.get(i);
            commands.add(Command.of(
                    Script.FETCH, keys.get(i), leaseMillis, Command.ascii(tokens[i]), Command.ascii(without)));
        }
        List<Object> replies = run(Script.FETCH, commands);
        List<Fetched> fetched = new ArrayList<>(tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            fetched.add(fetched(replies.get(i), tokens[i]));
        }
        return fetched;
    }

    private static long token() {
        return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    }

    private static Fetched fetched(Object reply, long token) {
        if (reply instanceof List<?> parts) {
            return Frame.fetched((byte[]) parts.get(0), (Long) parts.get(1), (Long) parts.get(2) == 1 ? token : 0);
        }
        long code = (Long) reply;
        return new Fetched(null, 0, Duration.ZERO, Duration.ZERO, code == 1 ? token : 0, code == 0);
    }

    @Override
    public List<Long> fill(List<Fill> fills) {
        List<Command> commands = new ArrayList<>(fills.size());
        for (Fill fill : fills) {
            commands.add(storing(Script.FILL, fill.key(), fill.lease(), fill.value(), fill.ttl(), fill.staleFor()));
        }
        return numbers(run(Script.FILL, commands));
    }

    @Override
    public long write(byte[] key, long ifVersion, byte[] value, Duration ttl, Duration staleFor) {
        return number(Script.WRITE, storing(Script.WRITE, key, ifVersion, value, ttl, staleFor));
    }

    @Override
    public long mark(byte[] key, long ifVersion, Duration atMost) {
        return number(
                Script.MARK,
                Command.of(
                        Script.MARK, key, Command.ascii(ifVersion), Command.ascii(Math.max(1, Frame.millis(atMost)))));
    }

    @Override
    public boolean settle(byte[] key, long mark, byte @Nullable [] value, Duration ttl, Duration staleFor) {
        return number(Script.SETTLE, storing(Script.SETTLE, key, mark, value, ttl, staleFor)) == 1;
    }

    /** The stale time as it is rounded, so that the TTL keeps its length. */
    private static Command storing(
            Script script, byte[] key, long which, byte @Nullable [] value, Duration ttl, Duration staleFor) {
        long fresh = Math.max(1, Frame.millis(ttl));
        byte[] stale = Frame.staleTime(staleFor);
        return Command.of(
                script,
                key,
                Command.ascii(which),
                Command.ascii(value == null ? 0 : fresh + Frame.roundedMillis(stale)),
                Command.ascii(fresh),
                stale,
                value == null ? new byte[0] : value);
    }

    @Override
    public void invalidate(List<byte[]> keys) {
        List<Command> commands = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            commands.add(Command.of(Script.INVALIDATE, key));
        }
        List<Object> unused = run(Script.INVALIDATE, commands);
    }

    private long number(Script script, Command command) {
        return (Long) run(script, List.of(command)).get(0);
    }

    /** Runs one script for many keys as a pipeline; those that the server did not know, again with the body. */
    private List<Object> run(Script script, List<Command> commands) {
        List<Object> replies = new ArrayList<>(servers.call(commands));
        List<Command> again = new ArrayList<>();
        for (int i = 0; i < replies.size(); i++) {
            if (isUnknownScript(replies.get(i))) {
                again.add(commands.get(i).withBody(script));
            }
        }
        if (!again.isEmpty()) {
            List<Object> second = servers.call(again);
            int next = 0;
            for (int i = 0; i < replies.size(); i++) {
                if (isUnknownScript(replies.get(i))) {
                    replies.set(i, second.get(next++));
                }
            }
        }
        replies.forEach(RedisStore::checked);
        return replies;
    }

    private static boolean isUnknownScript(Object reply) {
        return reply instanceof JedisDataException e
                && String.valueOf(e.getMessage()).startsWith("NOSCRIPT");
    }

    private static Object checked(Object reply) {
        if (reply instanceof JedisDataException e) {
            throw e;
        }
        return reply;
    }

    private static List<Long> numbers(List<Object> replies) {
        List<Long> numbers = new ArrayList<>(replies.size());
        for (Object reply : replies) {
            numbers.add((Long) reply);
        }
        return numbers;
    }

    /** How often single keys were there lately. Threads that overwrite each other's figure do no harm. */
    private static final class Hits {
        private static final int ALL = 1 << 16;
        private volatile int share = ALL / 2;

        boolean areUsual() {
            return share > ALL / 4 * 3;
        }

        boolean areRare() {
            return share < ALL / 4;
        }

        void saw(boolean hit) {
            int old = share;
            share = old + ((hit ? ALL : 0) - old) / 16;
        }
    }

    @Override
    public Subscription subscribe(byte[] prefix, Feed feed) {
        opening.lock();
        try {
            if (subscriptions == 0) {
                servers.open();
            }
            subscriptions++;
        } finally {
            opening.unlock();
        }
        return servers.subscribe(prefix, feed, this::unsubscribed);
    }

    private void unsubscribed() {
        opening.lock();
        try {
            subscriptions--;
            if (subscriptions == 0) {
                servers.close();
            }
        } finally {
            opening.unlock();
        }
    }

    /** Returns the address, without credentials. */
    @Override
    public String toString() {
        return description;
    }

    private enum Kind {
        SINGLE,
        SENTINEL,
        CLUSTER
    }

    /** Collects the settings of a store. Not thread-safe. */
    public static final class Builder {
        private final Kind kind;
        private final URI uri;
        private final List<URI> others; // more nodes of the cluster, or the sentinels
        private @Nullable SSLContext trust;
        private Duration timeout = Duration.ofMillis(200);
        private int connections = 2;

        private Builder(Kind kind, String uri, List<String> others) {
            this.kind = kind;
            this.uri = parsed(uri);
            this.others = others.stream().map(Builder::parsed).toList();
        }

        private static URI parsed(String uri) {
            Objects.requireNonNull(uri, "uri");
            try {
                return new URI(uri);
            } catch (URISyntaxException e) {
                // Neither the URI nor the exception, which quotes it: it may hold a password.
                throw new IllegalArgumentException(
                        "uri must be well-formed: position=" + e.getIndex() + " (expected: redis://host:port)");
            }
        }

        private Servers servers() {
            Server first = Server.of(uri, timeout, trust);
            List<Server> more =
                    others.stream().map(each -> Server.of(each, timeout, trust)).toList();
            switch (kind) {
                case CLUSTER -> {
                    if (first.config().getDatabase() != 0) {
                        throw new IllegalArgumentException("database of a cluster must be 0: database="
                                + first.config().getDatabase() + " (expected: 0 or none)");
                    }
                    List<Server> seeds = new ArrayList<>(List.of(first));
                    more.forEach(each -> seeds.add(first.at(each.address())));
                    return new ClusterServers(seeds, connections);
                }
                case SENTINEL -> {
                    Sentinels sentinels = new Sentinels(more, uri.getHost());
                    return new SingleServer(first.at(sentinels, sentinels.toString()), connections, Heartbeat.MASTER);
                }
                default -> {
                    return new SingleServer(first, connections, Heartbeat.PING);
                }
            }
        }

        /**
         * Sets whom {@code rediss:} connections trust, and the client's own certificate; the default is the JVM's.
         * Host names are verified all the same.
         *
         * @param context the context
         * @return this
         */
        public Builder sslContext(SSLContext context) {
            this.trust = Objects.requireNonNull(context, "context");
            return this;
        }

        /**
         * Sets how long connecting and an answer may take, each; the default is 200 ms. A reader waits no longer for a
         * server that hangs, and not at all once the cache's breaker is open.
         *
         * @param timeout the longest time, 1 ms to 1 minute
         * @return this
         * @throws IllegalArgumentException if the time is out of range
         */
        public Builder timeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException(
                        "timeout must be in range: timeout=" + timeout + " (expected: PT0.001S to PT1M)");
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * Sets how many connections carry the calls of all threads; the default is 2. Each carries what waits for it as
         * one pipeline, so more of them help only when values are large.
         *
         * @param connections the number, 1 to 64
         * @return this
         * @throws IllegalArgumentException if the number is out of range
         */
        public Builder connections(int connections) {
            if (connections < 1 || connections > 64) {
                throw new IllegalArgumentException(
                        "connections must be in range: connections=" + connections + " (expected: 1 to 64)");
            }
            this.connections = connections;
            return this;
        }

        /**
         * Builds the store. It connects when a cache uses it.
         *
         * @return a store
         * @throws IllegalArgumentException if the URI does not name a Redis
         */
        public RedisStore build() {
            return new RedisStore(this);
        }
    }
}
