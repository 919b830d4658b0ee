// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports below the ranges from which Linux (32,768 up) and macOS (49,152 up) take the ports of outgoing connections.
 * A port inside those ranges can be lost between stop and restart, even to a client that keeps connecting to it: TCP
 * lets a socket connect to itself.
 */
final class Ports {
    /** A Redis Cluster node listens on its port + 10,000 too. */
    static final int BUS_OFFSET = 10_000;

    private static final int LOWEST = 10_000;
    private static final int BOUND = 32_768 - BUS_OFFSET;
    private static final int ATTEMPTS = 1_000;

    private Ports() {}

    /** A port that was free a moment ago, with its cluster bus port. */
    static int free() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, BOUND);
            if (isFree(port) && isFree(port + BUS_OFFSET)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "no free port found: attempts=" + ATTEMPTS + " (expected: one from " + LOWEST + " to " + BOUND + ")");
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
