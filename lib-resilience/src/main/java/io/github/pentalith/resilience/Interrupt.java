// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/** The alarm of synchronous work: interrupts its thread. Made by {@link Frame}, and used for call after call. */
final class Interrupt extends Alarm {
    private final Thread thread;

    Interrupt(Thread thread) {
        super(true);
        this.thread = thread;
    }

    @Override
    void ring() {
        thread.interrupt();
    }
}
