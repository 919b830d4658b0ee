// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cells of which each belongs to one thread, so that what the owner does in it needs no atomic step. Unlike a {@link
 * ThreadLocal} it has a fixed number of cells: the one that a thread's id points at, if no other living thread has it. Who
 * finds it taken gets none, and does the same by compare-and-set elsewhere; so a program with more threads than cells is
 * slower by some nanoseconds, and never wrong.
 *
 * <p>A cell outlives its owner: the next thread goes on with what is in it. That the owner has died is what hands the
 * content over ({@link Thread#isAlive()} happens after all that the thread did); only the slow path asks for that, and
 * seldom, as asking costs more than the compare-and-set that it saves.
 */
final class PerThread<C extends PerThread.Cell> {
    private static final int CELLS = 128; // a power of two
    private static final int ASK_ONE_IN = 16;
    private static final VarHandle OWNER;
    private static final VarHandle ARRAY = MethodHandles.arrayElementVarHandle(Cell[].class);

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(Cell.class, "owner", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What one thread has for itself. So large that no two are on one cache line, nor on neighbours. */
    abstract static class Cell {
        private @Nullable Thread owner; // who reads itself here has written it itself, so a plain read tells the truth

        @SuppressWarnings("unused")
        long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14;

        /** Whether it is the caller's. */
        final boolean mine() {
            return owner == Thread.currentThread();
        }
    }

    private final Cell[] cells = new Cell[CELLS];
    private final Supplier<C> maker;
    private final C first;

    PerThread(Supplier<C> maker) {
        this.maker = maker;
        this.first = maker.get();
    }

    /** The cell of the first thread that comes, which finds it without looking for it: an event loop is often alone. */
    C first() {
        return first;
    }

    /** The caller's cell, or null if another thread has it. Who comes often asks {@link #first} before. */
    @SuppressWarnings("unchecked") // all come from the maker
    @Nullable
    C mine() {
        Thread thread = Thread.currentThread();
        Cell cell = cells[(int) thread.getId() & (CELLS - 1)];
        return cell != null && cell.owner == thread ? (C) cell : taken(thread);
    }

    @SuppressWarnings("unchecked")
    private @Nullable C taken(Thread thread) {
        if (first.mine() || take(first, thread)) {
            return first;
        }
        int at = (int) thread.getId() & (CELLS - 1);
        Cell cell = (Cell) ARRAY.getAcquire(cells, at);
        if (cell == null) {
            C fresh = maker.get();
            OWNER.set(fresh, thread);
            return ARRAY.compareAndSet(cells, at, null, fresh) ? fresh : null;
        }
        return take(cell, thread) ? (C) cell : null;
    }

    private static boolean take(Cell cell, Thread thread) {
        Thread owner = (Thread) OWNER.getOpaque(cell);
        boolean free = owner == null || (ThreadLocalRandom.current().nextInt(ASK_ONE_IN) == 0 && !owner.isAlive());
        return free && OWNER.compareAndSet(cell, owner, thread);
    }
}
