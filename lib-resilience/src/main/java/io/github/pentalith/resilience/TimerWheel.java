// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timer of attempts without a scheduler of their own: a hashed wheel of 512 slots of a millisecond, turned by one thread
 * that starts at the first need and ends after ten idle seconds. {@link #SHARED} is the only static state of the house.
 *
 * <p><b>Setting and stopping cost a few nanoseconds, since timeouts hardly ever happen.</b> An alarm that is set to a later
 * time than that at which the timer will look at it anyway is not filed again; the timer finds the later time when it looks,
 * and files it there. So a thread whose calls all take the same timeout touches the wheel once per timeout, not once per
 * call. Stopping only clears the time.
 *
 * <p><b>New alarms</b> are pushed on a stack, from which the timer takes all at once. It is woken if one of them comes before
 * the time at which it would wake by itself, or if a thousand have gathered.
 *
 * <p><b>Garbage.</b> Alarms for one use that were stopped are dropped when the timer comes by; if the wheel has doubled since
 * it was last swept, it is swept. So there are never much more stopped ones than set ones.
 *
 * <p>Alarms ring at most a tick late, plus what the thread needs to wake. Source: G. Varghese, T. Lauck, "Hashed and hierarchical
 * timing wheels", 1987, doi:10.1145/41457.37504, scheme 6.
 */
final class TimerWheel implements Runnable {
    static final TimerWheel SHARED = new TimerWheel();

    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);
    private static final int SLOTS = 512;
    private static final int TICK_BITS = 20; // 1.05 ms
    private static final int MANY = 1 << 10;
    private static final long IDLE_NANOS = 10_000_000_000L;

    private final long origin = System.nanoTime();
    private final AtomicReference<@Nullable Alarm> fresh = new AtomicReference<>();
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile @Nullable Thread thread;
    private volatile long wakesAt = origin;

    // Of the thread that turns the wheel; handed on through "running".
    private final @Nullable Alarm[] slots = new @Nullable Alarm[SLOTS];
    private long turned; // the tick up to which all slots have been looked at
    private int size;
    private int swept; // size after the last sweep
    private long nextLook = origin; // the earliest time that was asked for, if it is to come

    /** Sets an alarm, which its owner must have stopped before. */
    void set(Alarm alarm, long time) {
        long at = Alarm.time(time);
        alarm.set(at);
        if (alarm.filedAt() == Alarm.NONE && alarm.file(at)) {
            push(alarm, at);
        }
    }

    /** True if the timer would look at the alarm too late: then another must be taken. */
    static boolean tooLate(Alarm alarm, long time) {
        long filed = alarm.filedAt();
        return filed != Alarm.NONE && time - filed < 0;
    }

    private void push(Alarm alarm, long at) {
        while (true) {
            Alarm head = fresh.get();
            alarm.next = head;
            alarm.depth = head == null ? 1 : head.depth + 1;
            int depth = alarm.depth;
            if (fresh.compareAndSet(head, alarm)) {
                wake(at, depth);
                return;
            }
        }
    }

    private void wake(long at, int depth) {
        if (!running.get() && running.compareAndSet(false, true)) {
            Thread next = new Thread(this, "pentalith-resilience-timer");
            next.setDaemon(true);
            thread = next;
            boolean started = false;
            try {
                next.start();
                started = true;
            } finally {
                if (!started) {
                    running.set(false); // the next one tries again
                }
            }
        } else if (at - wakesAt < 0 || depth % MANY == 0) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        long busy = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            if (nextLook - now <= 0) {
                nextLook = now + IDLE_NANOS;
            }
            boolean taken = takeFresh(now);
            turn(now);
            long wake = Math.min(nextLook - now, untilNextSlot(now)) + now;
            if (taken || size > 0) {
                busy = now;
            }
            wakesAt = wake;
            if (fresh.get() != null) {
                continue; // filed before its owner could see when we wake
            }
            if (now - busy >= IDLE_NANOS) {
                running.set(false);
                if (fresh.get() == null || !running.compareAndSet(false, true)) {
                    return;
                }
                thread = Thread.currentThread();
                busy = now;
                continue;
            }
            LockSupport.parkNanos(this, wake - now);
        }
    }

    private boolean takeFresh(long now) {
        Alarm alarm = fresh.getAndSet(null);
        boolean taken = alarm != null;
        while (alarm != null) {
            Alarm following = alarm.next;
            alarm.next = null;
            long asked = alarm.filedAt();
            if (asked - now > 0 && asked - nextLook < 0) {
                nextLook = asked; // even if it is stopped: its owner's next call is to find us awake by then
            }
            if (alarm.reusable && !alarm.isSet() && asked - now > 0) {
                put(alarm, asked);
            } else {
                look(alarm, now);
            }
            alarm = following;
        }
        if (size > 2 * swept + MANY) {
            sweep(now);
        }
        return taken;
    }

    /** Rings, files or drops an alarm that is in no list. */
    private void look(Alarm alarm, long now) {
        while (true) {
            long at = alarm.at();
            if (!Alarm.isTime(at)) {
                alarm.filedAt(Alarm.NONE);
                long again = alarm.at();
                if (!Alarm.isTime(again) || !alarm.file(again)) {
                    return; // dropped; or its owner has just filed it
                }
            } else if (at - now <= 0) {
                try {
                    alarm.fire(at);
                } catch (Throwable e) {
                    LOG.warn("a timeout could not be delivered", e);
                }
            } else {
                alarm.filedAt(at);
                if (alarm.at() == at) { // else it may have been set to an earlier time, before filedAt was seen
                    put(alarm, at);
                    return;
                }
            }
        }
    }

    private void put(Alarm alarm, long at) {
        int slot = (int) (Math.max(tick(at) + 1, turned + 1) % SLOTS);
        alarm.next = slots[slot];
        slots[slot] = alarm;
        size++;
    }

    private long tick(long time) {
        return Math.max(0, time - origin) >>> TICK_BITS;
    }

    /** Looks at the slots of the ticks that have passed; alarms of later rounds are filed again. */
    private void turn(long now) {
        long tick = tick(now);
        long from = Math.max(turned + 1, tick - SLOTS + 1);
        turned = Math.max(turned, tick);
        for (long t = from; t <= tick; t++) {
            empty((int) (t % SLOTS), now);
        }
    }

    private void empty(int slot, long now) {
        Alarm alarm = slots[slot];
        slots[slot] = null;
        while (alarm != null) {
            Alarm following = alarm.next;
            alarm.next = null;
            size--;
            if (alarm.reusable && !alarm.isSet() && alarm.filedAt() - now > 0) {
                put(alarm, alarm.filedAt());
            } else {
                look(alarm, now);
            }
            alarm = following;
        }
    }

    private void sweep(long now) {
        for (int slot = 0; slot < SLOTS; slot++) {
            empty(slot, now);
        }
        swept = size;
    }

    /** How many alarms are in the wheel, stopped ones included; to be asked on a quiet wheel only. */
    int size() {
        return size;
    }

    private long untilNextSlot(long now) {
        if (size == 0) {
            return IDLE_NANOS;
        }
        for (long tick = turned + 1; tick <= turned + SLOTS; tick++) {
            if (slots[(int) (tick % SLOTS)] != null) {
                return Math.max(1, origin + (tick << TICK_BITS) - now);
            }
        }
        return IDLE_NANOS;
    }
}
