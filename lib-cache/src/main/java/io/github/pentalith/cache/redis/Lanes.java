// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.util.List;

/** The connections to one server that all threads share. */
final class Lanes {
    private final Lane[] lanes;

    Lanes(Server server, int connections) {
        this.lanes = new Lane[connections];
        for (int i = 0; i < connections; i++) {
            lanes[i] = new Lane(server);
        }
    }

    /** On a connection that is free, else on the one of this thread, together with others. */
    List<Object> call(List<Command> commands) {
        int first = (int) (Thread.currentThread().getId() % lanes.length);
        for (int i = 0; i < lanes.length; i++) {
            List<Object> replies = lanes[(first + i) % lanes.length].tryCall(commands);
            if (replies != null) {
                return replies;
            }
        }
        return lanes[first].call(commands);
    }

    void close() {
        for (Lane lane : lanes) {
            lane.close();
        }
    }
}
