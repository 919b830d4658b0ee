// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A Redis server, 6.2 or later, as the remote level of caches, through Jedis.
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
 * <p>The user needs the commands EVAL, EVALSHA, GET, SET, DEL, GETRANGE, PTTL, TIME, SCAN, HELLO, PING and CLIENT
 * TRACKING. Without the last the local level holds values for {@code maxUnverified} only.
 *
 * <pre>{@code
 * RedisStore store = RedisStore.of("rediss://cache:secret@redis.example:6379/0");
 * }</pre>
 */
public final class RedisStore implements RemoteStore {
    private static final int SCAN_COUNT = 1_000;

    private final Server server;
    private final int connections;
    private final ReentrantLock opening = new ReentrantLock();
    private volatile Lane @Nullable [] lanes; // written under opening, like subscriptions
    private int subscriptions;

    private RedisStore(Builder settings) {
        this.server = new Server(settings.uri, settings.timeout);
        this.connections = settings.connections;
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
        return new Builder(uri);
    }

    @Override
    public List<Fetched> fetch(List<byte[]> keys, Duration lease) {
        byte[] leaseMillis = Command.ascii(Frame.millis(lease));
        List<Command> commands = new ArrayList<>(keys.size());
        long[] tokens = new long[keys.size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
            commands.add(Command.of(Script.FETCH, keys.get(i), leaseMillis, Command.ascii(tokens[i])));
        }
        List<Object> replies = run(Script.FETCH, commands);
        List<Fetched> fetched = new ArrayList<>(tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            fetched.add(fetched(replies.get(i), tokens[i]));
        }
        return fetched;
    }

    private static Fetched fetched(Object reply, long token) {
        if (reply instanceof List<?> parts) {
            byte[] stored = (byte[]) parts.get(0);
            long left = (Long) parts.get(1);
            long lease = (Long) parts.get(2) == 1 ? token : 0;
            if (stored.length < Frame.LENGTH) {
                return new Fetched(stored, 0, Duration.ZERO, Duration.ZERO, lease, false);
            }
            byte[] value = new byte[stored.length - Frame.LENGTH];
            System.arraycopy(stored, Frame.LENGTH, value, 0, value.length);
            long kept = left < 0 ? Long.MAX_VALUE / 2 : left; // a foreign writer's value without a TTL
            long stale = Math.min(Frame.staleMillis(stored), kept);
            return new Fetched(
                    value,
                    Frame.version(stored),
                    Duration.ofMillis(kept - stale),
                    Duration.ofMillis(stale),
                    lease,
                    false);
        }
        long code = (Long) reply;
        return new Fetched(null, 0, Duration.ZERO, Duration.ZERO, code == 1 ? token : 0, code == 0);
    }

    @Override
    public List<Long> fill(List<Fill> fills) {
        List<Command> commands = new ArrayList<>(fills.size());
        for (Fill fill : fills) {
            byte[] value = fill.value();
            long millis = value == null ? 0 : kept(fill.ttl(), fill.staleFor());
            commands.add(Command.of(
                    Script.FILL,
                    fill.key(),
                    Command.ascii(fill.lease()),
                    Command.ascii(millis),
                    Frame.staleTime(fill.staleFor()),
                    value == null ? new byte[0] : value));
        }
        return numbers(run(Script.FILL, commands));
    }

    @Override
    public long write(byte[] key, long ifVersion, byte[] value, Duration ttl, Duration staleFor) {
        Command command = Command.of(
                Script.WRITE,
                key,
                Command.ascii(ifVersion),
                Command.ascii(kept(ttl, staleFor)),
                Frame.staleTime(staleFor),
                value);
        return numbers(run(Script.WRITE, List.of(command))).get(0);
    }

    /** The stale time as it was rounded, so that the TTL keeps its length. */
    private static long kept(Duration ttl, Duration staleFor) {
        byte[] frame = new byte[Frame.LENGTH];
        System.arraycopy(Frame.staleTime(staleFor), 0, frame, Frame.LENGTH - 2, 2);
        return Math.max(1, Frame.millis(ttl)) + Frame.staleMillis(frame);
    }

    @Override
    public void invalidate(List<byte[]> keys) {
        List<Command> commands = new ArrayList<>(keys.size());
        for (byte[] key : keys) {
            commands.add(Command.of(Script.INVALIDATE, key));
        }
        List<Long> unused = numbers(run(Script.INVALIDATE, commands));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Leases first, all of them, then values: a load that fills between is found by the second pass, one that comes
     * after it has no lease any more.
     */
    @Override
    public void clear(byte[] prefix) {
        scan(Command.leaseKey(prefix), leases -> {
            List<byte[]> keys = new ArrayList<>(leases.size());
            for (byte[] lease : leases) {
                byte[] key = new byte[lease.length - 1];
                System.arraycopy(lease, 1, key, 0, key.length);
                keys.add(key);
            }
            invalidate(keys);
        });
        scan(prefix, this::invalidate);
    }

    private interface Found {
        void accept(List<byte[]> keys);
    }

    private void scan(byte[] prefix, Found found) {
        byte[] pattern = glob(prefix);
        byte[] cursor = {'0'};
        do {
            Command command = Command.of(
                    Protocol.Command.SCAN,
                    cursor,
                    "MATCH".getBytes(StandardCharsets.US_ASCII),
                    pattern,
                    "COUNT".getBytes(StandardCharsets.US_ASCII),
                    Command.ascii(SCAN_COUNT));
            List<?> page = (List<?>) checked(lane(List.of(command)).get(0));
            cursor = (byte[]) page.get(0);
            List<byte[]> keys = new ArrayList<>();
            ((List<?>) page.get(1)).forEach(key -> keys.add((byte[]) key));
            if (!keys.isEmpty()) {
                found.accept(keys);
            }
        } while (cursor.length != 1 || cursor[0] != '0');
    }

    /** The prefix literally, and anything after it. */
    private static byte[] glob(byte[] prefix) {
        byte[] pattern = new byte[prefix.length * 2 + 1];
        int length = 0;
        for (byte next : prefix) {
            if (next == '*' || next == '?' || next == '[' || next == ']' || next == '\\') {
                pattern[length++] = '\\';
            }
            pattern[length++] = next;
        }
        pattern[length++] = '*';
        return Arrays.copyOf(pattern, length);
    }

    /** Runs one script for many keys as a pipeline; those that the server did not know, again with the body. */
    private List<Object> run(Script script, List<Command> commands) {
        List<Object> replies = new ArrayList<>(lane(commands));
        List<Command> again = new ArrayList<>();
        for (int i = 0; i < replies.size(); i++) {
            if (isUnknownScript(replies.get(i))) {
                again.add(commands.get(i).withBody(script));
            }
        }
        if (!again.isEmpty()) {
            List<Object> second = lane(again);
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

    /** On a connection that is free, else on the one of this thread, together with others. */
    private List<Object> lane(List<Command> commands) {
        Lane[] open = lanes;
        if (open == null) {
            throw new IllegalStateException("the store has no subscription: " + server);
        }
        int first = (int) (Thread.currentThread().getId() % open.length);
        for (int i = 0; i < open.length; i++) {
            List<Object> replies = open[(first + i) % open.length].tryCall(commands);
            if (replies != null) {
                return replies;
            }
        }
        return open[first].call(commands);
    }

    @Override
    public Subscription subscribe(byte[] prefix, Feed feed) {
        opening.lock();
        try {
            subscriptions++;
            if (lanes == null) {
                Lane[] open = new Lane[connections];
                for (int i = 0; i < connections; i++) {
                    open[i] = new Lane(server);
                }
                lanes = open;
            }
        } finally {
            opening.unlock();
        }
        TrackingFeed subscription = new TrackingFeed(server, prefix, feed, this::unsubscribed);
        subscription.start();
        return subscription;
    }

    private void unsubscribed() {
        Lane[] idle = null;
        opening.lock();
        try {
            subscriptions--;
            if (subscriptions == 0) {
                idle = lanes;
                lanes = null;
            }
        } finally {
            opening.unlock();
        }
        if (idle != null) {
            for (Lane lane : idle) {
                lane.close();
            }
        }
    }

    /** Returns the address, without credentials. */
    @Override
    public String toString() {
        return "RedisStore[" + server + ", connections=" + connections + ", timeout=" + server.timeoutMillis() + " ms]";
    }

    /** Collects the settings of a store. Not thread-safe. */
    public static final class Builder {
        private final URI uri;
        private Duration timeout = Duration.ofMillis(200);
        private int connections = 2;

        private Builder(String uri) {
            Objects.requireNonNull(uri, "uri");
            try {
                this.uri = new URI(uri);
            } catch (URISyntaxException e) {
                // Neither the URI nor the exception, which quotes it: it may hold a password.
                throw new IllegalArgumentException(
                        "uri must be well-formed: position=" + e.getIndex() + " (expected: redis://host:port)");
            }
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
