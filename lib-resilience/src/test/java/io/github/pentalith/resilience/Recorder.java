// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A gate that keeps the books: what it granted and how each token came back. */
final class Recorder implements Admission {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    final AtomicLong granted = new AtomicLong();
    final AtomicLong succeeded = new AtomicLong();
    final AtomicLong failed = new AtomicLong();
    final AtomicLong released = new AtomicLong();
    volatile long refusal; // negative: refuse with it
    volatile boolean timed;
    volatile boolean throwsOnVerdict;
    volatile boolean throwsOnAcquire;
    volatile Runnable onAcquire = () -> {};

    @Override
    public String name() {
        return "recorder";
    }

    @Override
    public RejectedCallException.Reason reason() {
        return RejectedCallException.Reason.OTHER;
    }

    @Override
    public boolean timed() {
        return timed;
    }

    @Override
    public long tryAcquire(long nowNanos) {
        onAcquire.run();
        if (throwsOnAcquire) {
            throw new IllegalStateException("acquire");
        }
        if (refusal < 0) {
            events.add("refused@" + (nowNanos == UNTIMED ? "untimed" : nowNanos));
            return refusal;
        }
        events.add("granted");
        return granted.getAndIncrement();
    }

    @Override
    public void success(long token, long startNanos, long endNanos) {
        succeeded.incrementAndGet();
        events.add("success " + token + (endNanos == UNTIMED ? "" : " in " + (endNanos - startNanos)));
        verdict();
    }

    @Override
    public void failure(long token, long startNanos, long endNanos, Throwable error) {
        failed.incrementAndGet();
        events.add("failure " + token + " " + error.getMessage());
        verdict();
    }

    @Override
    public void release(long token) {
        released.incrementAndGet();
        events.add("release " + token);
        verdict();
    }

    private void verdict() {
        if (throwsOnVerdict) {
            throw new IllegalStateException("verdict");
        }
    }

    long outstanding() {
        return granted.get() - succeeded.get() - failed.get() - released.get();
    }
}
