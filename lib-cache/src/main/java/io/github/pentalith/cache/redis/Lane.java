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
    private volatile boolean closed;

    Lane(Server server) {
        this.server = server;
        this.timeoutNanos = TimeUnit.MILLISECONDS.toNanos(server.timeoutMillis());
    }

    /** Commands that go together, and the thread that waits for their replies. */
    private static final class Request {
        final List<Command> commands;
        final Thread owner = Thread.currentThread();
        final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

        @Nullable
        List<Object> replies; // both are published by the state

        @Nullable
        RuntimeException failure;

        Request(List<Command> commands) {
            this.commands = commands;
        }

        boolean claim(State by) {
            return state.compareAndSet(State.WAITING, by);
        }

        void finish(@Nullable List<Object> answers, @Nullable RuntimeException error) {
            replies = answers;
            failure = error;
            state.set(State.DONE);
            LockSupport.unpark(owner);
        }

        boolean done() {
            return state.get() == State.DONE;
        }
    }

    private enum State {
        WAITING,
        SENT,
        DONE
    }

    /** Sends commands if the connection is free this moment; null if it is not. */
    @Nullable
    List<Object> tryCall(List<Command> commands) {
        if (!driving.tryLock()) {
            return null;
        }
        Request request = new Request(commands);
        waiting.add(request);
        driveAndUnlock(request);
        return result(request);
    }

    /**
     * Sends commands and waits for their replies; a reply may be an exception.
     *
     * @throws JedisConnectionException if there is no answer in time
     */
    List<Object> call(List<Command> commands) {
        Request request = new Request(commands);
        waiting.add(request);
        long begin = System.nanoTime();
        boolean interrupted = false;
        while (!request.done()) {
            if (driving.tryLock()) {
                driveAndUnlock(request);
                continue;
            }
            long left = timeoutNanos - (System.nanoTime() - begin);
            if (left <= 0 && request.claim(State.DONE)) {
                boolean unused = waiting.remove(request);
                wakeNext();
                request.failure = new JedisConnectionException(
                        server + " did not answer in time", new SocketTimeoutException("waiting for the connection"));
                break;
            }
            // A request that was sent is finished by its driver, in bounded time.
            LockSupport.parkNanos(this, left <= 0 ? timeoutNanos : left);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return result(request);
    }

    private static List<Object> result(Request request) {
        if (request.failure != null) {
            throw request.failure;
        }
        List<Object> replies = request.replies;
        if (replies == null) {
            throw new IllegalStateException("no reply");
        }
        return replies;
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
            if (next.claim(State.SENT)) {
                batch.add(next);
                size += next.commands.size();
            }
        }
        if (batch.isEmpty()) {
            return;
        }
        try {
            List<Object> replies = exchange(batch, size);
            if (demoted(replies)) {
                drop();
            }
            int from = 0;
            for (Request request : batch) {
                int to = from + request.commands.size();
                request.finish(replies.subList(from, to), null);
                from = to;
            }
        } catch (RuntimeException e) {
            drop();
            Request late;
            while ((late = waiting.poll()) != null) {
                if (late.claim(State.SENT)) {
                    batch.add(late);
                }
            }
            batch.forEach(request -> request.finish(null, e));
        }
    }

    private List<Object> exchange(List<Request> batch, int size) {
        Connection usual = connection;
        if (usual != null) {
            try {
                return exchange(usual, batch, size);
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
        return exchange(fresh, batch, size);
    }

    private static List<Object> exchange(Connection on, List<Request> batch, int size) {
        for (Request request : batch) {
            for (Command command : request.commands) {
                on.sendCommand(command.name(), command.arguments());
            }
        }
        return on.getMany(size);
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
