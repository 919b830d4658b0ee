// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** The connections to one server that all threads share. */
final class Lanes {
    private static final long NEAR_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private final Lane[] lanes;

    Lanes(Server server, int connections) {
        this.lanes = new Lane[connections];
        for (int i = 0; i < connections; i++) {
            lanes[i] = new Lane(server);
        }
    }

    List<Object> call(List<Command> commands) {
        return sent(new Lane.Request(commands, List.of())).replies();
    }

    Values read(List<byte[]> keys) {
        return sent(new Lane.Request(List.of(), keys)).values();
    }

    /**
     * On a connection that is free, else together with others. To a server that is near, all go through the first one:
     * its next batch starts sooner than the system calls of a batch of one's own would be paid for.
     */
    private Lane.Request sent(Lane.Request request) {
        if (lanes[0].trySend(request)) {
            return request;
        }
        if (lanes[0].roundTripNanos() < NEAR_NANOS) {
            lanes[0].send(request);
            return request;
        }
        int first = (int) (Thread.currentThread().getId() % lanes.length);
        for (int i = 0; i < lanes.length; i++) {
            if (lanes[(first + i) % lanes.length].trySend(request)) {
                return request;
            }
        }
        lanes[first].send(request);
        return request;
    }

    void close() {
        for (Lane lane : lanes) {
            lane.close();
        }
    }
}
