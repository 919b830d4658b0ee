// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.admin;

import io.github.pentalith.sharding.migrate.Resharding;
import io.github.pentalith.shortener.store.Mover;
import io.github.pentalith.shortener.store.Routing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How far a resharding has come, for people. Written by the thread that moves, read by any. */
final class Progress implements Mover.Progress {
    private final AtomicLong scanned = new AtomicLong();
    private final AtomicLong moved = new AtomicLong();
    private final AtomicLong mended = new AtomicLong();
    private volatile long rows;
    private volatile List<String> waitingFor = List.of();
    private volatile @Nullable String error;
    private volatile boolean cancelled;

    /** A state begins: its work is counted from 0. */
    void begin() {
        scanned.set(0);
        moved.set(0);
    }

    /** A look at all rows of the places that keys move away from begins. */
    void beginRound(long all) {
        rows = all;
        scanned.set(0);
    }

    @Override
    public void scanned(long more) {
        if (cancelled) {
            throw new CancellationException("the service stops");
        }
        scanned.addAndGet(more);
    }

    @Override
    public void moved(long more) {
        moved.addAndGet(more);
    }

    void mended(long more) {
        mended.addAndGet(more);
    }

    void waitingFor(List<String> members) {
        waitingFor = List.copyOf(members);
    }

    void failed(@Nullable Exception e) {
        error = e == null ? null : e.getMessage() == null ? e.getClass().getName() : e.getMessage();
    }

    /** Ends the work under way at its next batch. */
    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** {@return what is being moved; null if nothing is} */
    @Nullable
    Map<String, Object> of(Routing now) {
        String added = now.added();
        if (added == null) {
            return null;
        }
        Resharding<String> resharding = now.copy();
        String failure = error;
        Map<String, Object> progress = new LinkedHashMap<>();
        progress.put("shard", added);
        progress.put("state", resharding.state().name());
        progress.put("done", done(resharding.state()));
        progress.put("version", now.version());
        progress.put("movedFraction", resharding.plan().movedFraction());
        progress.put("moves", resharding.plan().moves().size());
        progress.put("movesMissing", resharding.missing().size());
        progress.put("rows", rows);
        progress.put("rowsScanned", scanned.get());
        progress.put("rowsMoved", moved.get());
        progress.put("rowsMended", mended.get());
        progress.put("waitingFor", waitingFor);
        progress.put("error", failure == null ? "" : failure);
        return progress;
    }

    /** Roughly, from 0 to 1: to copy and to compare take as long as there are rows, each other state a moment. */
    private double done(Resharding.State state) {
        double round = rows == 0 ? 0 : Math.min(1, (double) scanned.get() / rows);
        return switch (state) {
            case PLANNED, ROLLED_BACK -> 0;
            case DUAL_WRITE -> 0.02;
            case BACKFILL -> 0.05 + 0.45 * round;
            case VERIFY -> 0.5 + 0.3 * round;
            case READ_NEW -> 0.8 + 0.1 * round;
            case CUT_OVER -> 0.92;
            case DONE -> 0.95;
        };
    }
}
