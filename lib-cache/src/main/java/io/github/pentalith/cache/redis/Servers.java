// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore.Feed;
import io.github.pentalith.cache.RemoteStore.Subscription;
import java.util.List;

/** The servers that make up one store: a single one, the master that sentinels name, or the masters of a cluster. */
interface Servers {
    /** Before the first call. */
    void open();

    /** Waits for the calls that run, which are bounded. Calls fail until it is opened again. */
    void close();

    /** Sends each command to where its key lives; the replies in the same order, some of them perhaps exceptions. */
    List<Object> call(List<Command> commands);

    /** Whether all keys live in one place; else commands name one key each. */
    boolean inOnePlace();

    /** Reads keys that live in one place, with the cheapest command that there is. */
    Values read(List<byte[]> keys);

    /** {@code ended} runs once, when the subscription is closed. */
    Subscription subscribe(byte[] prefix, Feed feed, Runnable ended);
}
