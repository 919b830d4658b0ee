// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.Pipeline.Observer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Waits between attempts, and alarms at the end of their time: on the user's scheduler, else on our timer. */
final class Waits {
    /** The clock unless another is given; known by identity, as our timer runs on it. */
    static final LongSupplier SYSTEM = System::nanoTime;

    private final LongSupplier ticker;
    private final @Nullable ScheduledExecutorService scheduler;
    private final Contained<Observer> observer;

    Waits(LongSupplier ticker, @Nullable ScheduledExecutorService scheduler, Contained<Observer> observer) {
        this.ticker = ticker;
        this.scheduler = scheduler;
        this.observer = observer;
    }

    /** Waits; false with the flag set if interrupted. */
    boolean pause(long nanos) {
        if (Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (nanos == 0) {
            return true;
        }
        if (scheduler != null) {
            return pause(scheduler, nanos);
        }
        long start = System.nanoTime();
        for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
            LockSupport.parkNanos(this, left);
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
        return true;
    }

    private boolean pause(ScheduledExecutorService timer, long nanos) {
        @Nullable Future<?> alarm = null;
        try {
            alarm = timer.schedule(() -> {}, nanos, TimeUnit.NANOSECONDS);
            alarm.get();
            return true;
        } catch (InterruptedException e) {
            if (alarm != null) {
                alarm.cancel(false);
            }
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | CancellationException | RejectedExecutionException e) {
            observer.failed(e); // the scheduler was shut down: the call ends with its last failure
            return false;
        }
    }

    /** Sets an alarm. */
    void start(Alarm alarm, long nanos) {
        start(alarm, System.nanoTime() + nanos, nanos);
    }

    private void start(Alarm alarm, long time, long nanos) {
        ScheduledExecutorService service = scheduler;
        if (service == null) {
            TimerWheel.SHARED.set(alarm, time);
        } else {
            long at = Alarm.time(time);
            alarm.set(at);
            alarm.elsewhere = service.schedule(() -> alarm.fire(at), nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** From now on the thread is interrupted at a time of the pipeline's clock. */
    @SuppressWarnings("ReferenceEquality") // the clock of the timer itself; an equal one might show another time
    Interrupt begin(Frame frame, long end) {
        if (scheduler != null || ticker != SYSTEM) {
            long left = Math.max(0, end - ticker.getAsLong());
            long time = System.nanoTime() + left;
            Interrupt alarm = frame.alarm(time);
            start(alarm, time, left);
            return alarm;
        }
        Interrupt alarm = frame.alarm(end);
        TimerWheel.SHARED.set(alarm, end);
        return alarm;
    }

    /** True if the work was interrupted for its time; then the thread no longer shows it. */
    static boolean finish(Frame frame, Interrupt alarm) {
        boolean rung = alarm.stop();
        frame.freeAlarm();
        if (rung) {
            boolean unused = Thread.interrupted(); // it was for the work, which is over
        }
        return rung;
    }
}
