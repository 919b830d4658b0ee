// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** A TCP link to a server on this machine that loses, delays or tears what it carries. */
final class FaultyLink implements AutoCloseable {
    enum Mode {
        /** Carries everything. */
        SOUND,
        /** Accepts and acknowledges everything and carries nothing: half open, as after a dead router. */
        SWALLOWING,
        /** One byte at a time. */
        TORN,
        /** Up to 20 ms later, each piece by another time. */
        SLOW
    }

    private final int target;
    private final ServerSocket door;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.SOUND;

    FaultyLink(int target) throws IOException {
        this.target = target;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "faulty-link");
        thread.setDaemon(true);
        thread.start();
    }

    String uri() {
        return "redis://127.0.0.1:" + door.getLocalPort();
    }

    /** From now on; connections that lost something are cut when the link is sound again. */
    void mode(Mode next) {
        Mode before = mode;
        mode = next;
        if (before == Mode.SWALLOWING) {
            cut();
        }
    }

    void cut() {
        sockets.forEach(FaultyLink::end);
        sockets.clear();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket near = door.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(near);
                sockets.add(far);
                start(() -> carry(near, far));
                start(() -> carry(far, near));
            } catch (IOException e) {
                // closed, or nobody listens there: the next one may be luckier
            }
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            to.setTcpNoDelay(true);
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                switch (mode) {
                    case SOUND -> out.write(buffer, 0, n);
                    case TORN -> {
                        for (int i = 0; i < n; i++) {
                            out.write(buffer[i]);
                            Thread.yield();
                        }
                    }
                    case SLOW -> {
                        LockSupport.parkNanos(
                                Duration.ofMillis(ThreadLocalRandom.current().nextInt(20))
                                        .toNanos());
                        out.write(buffer, 0, n);
                    }
                    case SWALLOWING -> {}
                }
            }
        } catch (IOException e) {
            // the other side has gone
        }
        end(from);
        end(to);
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // gone anyway
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        cut();
    }
}
