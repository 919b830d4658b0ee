// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * One connection, shared by many threads. Whoever finds it free drives it: sends everything that waits as one pipeline
 * and hands out the replies. So a lone caller pays for no hand-over, and many callers pay for one round trip together.
 * (Flat combining: Hendler, Incze, Shavit, Tzafrir, SPAA 2010.)
 *
 * <p>Every caller's wait is bounded by the timeout, wherever in the queue it stands: those that wait behind a batch that
 * runs into the timeout fail with it.
 */
final class Lane {
    private static final int MOST_AT_ONCE = 256;

    private final Server server;
    private final long timeoutNanos;
    private final ReentrantLock driving = new ReentrantLock();
    private final Queue<Request> waiting = new ConcurrentLinkedQueue<>();
    private @Nullable Connection connection; // guarded by driving
    private volatile long roundTripNanos = Integer.MAX_VALUE; // written under driving
    private volatile boolean closed;

    Lane(Server server) {
        this.server = server;
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(server.timeoutMillis());
    }

    /** Commands that go together, or keys to be read, and the thread that waits for the replies. */
    static final class Request {
        private final List<Command> commands;
        private final List<byte[]> keys;
        private final Thread owner = Thread.currentThread();
        private final long begin = System.nanoTime();
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
        private List<Object> replies = List.of(); // these are published by the state
        private @Nullable Values values;
        private @Nullable RuntimeException failure;

        Request(List<Command> commands, List<byte[]> keys) {
            this.commands = commands;
            this.keys = keys;
        }

        private int size() {
            return commands.size() + keys.size();
        }

        private boolean claim() {
            return state.compareAndSet(State.WAITING, State.SENT);
        }

        private long left(long timeoutNanos) {
            return timeoutNanos - (System.nanoTime() - begin);
        }

        private void finish() {
            state.set(State.DONE);
            if (owner != Thread.currentThread()) {
                LockSupport.unpark(owner);
            }
        }

        private void fail(RuntimeException error) {
            failure = error;
            finish();
        }

        private boolean done() {
            return state.get() == State.DONE;
        }

        /** Once it was sent; one per command, perhaps an exception. */
        List<Object> replies() {
            throwFailure();
            return replies;
        }

        /** Once it was sent. */
        Values values() {
            throwFailure();
            Values read = values;
            if (read == null) {
                throw new IllegalStateException("no reply");
            }
            return read;
        }

        private void throwFailure() {
            if (failure != null) {
                throw failure;
            }
        }
    }

    private enum State {
        WAITING,
        SENT,
        DONE
    }

    /** Sends a request and waits for the replies if the connection is free this moment. */
    boolean trySend(Request request) {
        if (!driving.tryLock()) {
            return false;
        }
        waiting.add(request);
        driveAndUnlock(request);
        return true;
    }

    /**
     * Sends a request and waits for the replies. If there is no answer in time, it has failed.
     *
     * <p>Only the first in the queue watches the clock, as a timer costs about as much as a system call. Behind it, time
     * runs out no earlier, and it fails those whose time has come together with itself; who was sent is finished by the
     * driver, in bounded time.
     */
    void send(Request request) {
        waiting.add(request);
        boolean interrupted = false;
        while (!request.done()) {
            if (driving.tryLock()) {
                driveAndUnlock(request);
            } else if (waiting.peek() == request) {
                long left = request.left(timeoutNanos);
                if (left <= 0) {
                    failLate();
                } else {
                    LockSupport.parkNanos(this, left);
                }
            } else {
                LockSupport.park(this);
            }
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void failLate() {
        Request next;
        while ((next = waiting.peek()) != null && next.left(timeoutNanos) <= 0) {
            if (next.claim()) {
                next.fail(new JedisConnectionException(
                        server + " did not answer in time", new SocketTimeoutException("waiting for the connection")));
            }
            boolean unused = waiting.remove(next);
        }
        wakeNext();
    }

    private void driveAndUnlock(Request own) {
        try {
            while (!own.done()) {
                drive();
            }
        } finally {
            driving.unlock();
        }
        wakeNext();
    }

    /** After the unlocking, so that who was added while the connection was busy is not forgotten. */
    private void wakeNext() {
        Request next = waiting.peek();
        if (next != null) {
            LockSupport.unpark(next.owner);
        }
    }

    /** One batch. Under the lock. */
    private void drive() {
        List<Request> batch = new ArrayList<>();
        int size = 0;
        Request next;
        while (size < MOST_AT_ONCE && (next = waiting.poll()) != null) {
            if (next.claim()) {
                batch.add(next);
                size += next.size();
            }
        }
        if (batch.isEmpty()) {
            return;
        }
        if (size >= MOST_AT_ONCE) {
            wakeNext(); // who is the first now watches the clock
        }
        try {
            long begin = System.nanoTime();
            List<Object> replies = exchange(batch);
            measured(System.nanoTime() - begin);
            if (demoted(replies)) {
                drop();
            }
            handOut(batch, replies);
        } catch (RuntimeException e) {
            fail(batch, e);
        } catch (Error e) { // of this thread; the others wait for it without a timer
            fail(batch, new JedisConnectionException("the thread that drove the connection failed: " + server, e));
            throw e;
        }
    }

    private void fail(List<Request> batch, RuntimeException error) {
        drop();
        Request late;
        while ((late = waiting.poll()) != null) {
            if (late.claim()) {
                batch.add(late);
            }
        }
        for (Request request : batch) {
            if (!request.done()) {
                request.fail(error);
            }
        }
    }

    /** The least of the last ones, so that neither a pause nor a busy processor counts as distance. */
    private void measured(long nanos) {
        long least = roundTripNanos;
        roundTripNanos = nanos < least ? nanos : least + (least >> 6) + 1;
    }

    /** How far away the server is, roughly. */
    long roundTripNanos() {
        return roundTripNanos;
    }

    /** First what MGET and TIME answered, if anybody reads, then the replies to commands. */
    private static void handOut(List<Request> batch, List<Object> replies) {
        int reads = 0;
        for (Request request : batch) {
            reads += request.keys.size();
        }
        int from = reads == 0 ? 0 : 2;
        Object read = reads == 0 ? List.of() : replies.get(0);
        long now = reads == 0 ? 0 : millis(replies.get(1));
        int value = 0;
        for (Request request : batch) {
            if (request.keys.isEmpty()) {
                int to = from + request.commands.size();
                request.replies = replies.subList(from, to);
                from = to;
                request.finish();
            } else if (read instanceof List<?> all) {
                request.values = new Values(slice(all, value, request.keys.size()), now);
                value += request.keys.size();
                request.finish();
            } else {
                request.fail(
                        read instanceof RuntimeException refused ? refused : new IllegalStateException("no values"));
            }
        }
    }

    private static List<byte @Nullable []> slice(List<?> all, int from, int count) {
        List<byte @Nullable []> slice = new ArrayList<>(count);
        for (int i = from; i < from + count; i++) {
            slice.add((byte[]) all.get(i));
        }
        return slice;
    }

    private static long millis(Object reply) {
        if (!(reply instanceof List<?> time)) {
            throw reply instanceof RuntimeException refused ? refused : new IllegalStateException("no time");
        }
        return number(time.get(0)) * 1_000 + number(time.get(1)) / 1_000;
    }

    private static long number(@Nullable Object digits) {
        long number = 0;
        if (digits instanceof byte[] bytes) {
            for (byte digit : bytes) {
                number = number * 10 + digit - '0';
            }
        }
        return number;
    }

    private List<Object> exchange(List<Request> batch) {
        Connection usual = connection;
        if (usual != null) {
            try {
                return exchange(usual, batch);
            } catch (JedisConnectionException e) {
                drop();
                if (e.getCause() instanceof SocketTimeoutException) {
                    throw e;
                }
                // The server closed a connection that was idle, or was started again: once more on a new one. All
                // commands of the store may be repeated.
            }
        }
        if (closed) {
            throw new IllegalStateException("the store is closed: " + server);
        }
        Connection fresh = server.connect();
        connection = fresh;
        return exchange(fresh, batch);
    }

    /** All reads of the batch are one MGET. */
    private static List<Object> exchange(Connection on, List<Request> batch) {
        List<byte[]> keys = new ArrayList<>();
        int commands = 0;
        for (Request request : batch) {
            keys.addAll(request.keys);
            commands += request.commands.size();
        }
        if (!keys.isEmpty()) {
            on.sendCommand(Protocol.Command.MGET, keys.toArray(byte[][]::new));
            on.sendCommand(Protocol.Command.TIME);
            commands += 2;
        }
        for (Request request : batch) {
            for (Command command : request.commands) {
                on.sendCommand(command.name(), command.arguments());
            }
        }
        return on.getMany(commands);
    }

    /** A master that was demoted: the next connection asks again where the master is. */
    private static boolean demoted(List<Object> replies) {
        for (Object reply : replies) {
            if (reply instanceof JedisDataException e
                    && String.valueOf(e.getMessage()).startsWith("READONLY")) {
                return true;
            }
        }
        return false;
    }

    private void drop() {
        Connection broken = connection;
        connection = null;
        if (broken != null) {
            try {
                broken.forceDisconnect();
            } catch (IOException e) {
                // It is closed as far as it can be.
            }
        }
    }

    /** Waits for the batch that runs, which is bounded. */
    void close() {
        closed = true;
        driving.lock();
        try {
            drop();
        } finally {
            driving.unlock();
        }
    }
}
