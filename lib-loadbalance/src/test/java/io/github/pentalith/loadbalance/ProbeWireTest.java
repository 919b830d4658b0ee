// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProbeWireTest {
    @Test
    void check_afterOneThatThrew_isStillServed() throws Exception {
        ProbeWire wire = ProbeWire.start();
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> thrown = new CompletableFuture<>();
            Runnable unused = wire.check("127.0.0.1", server.getLocalPort(), null, new ProbeWire.Result() {
                @Override
                public void decide(boolean healthy, String why) {
                    thrown.complete(null);
                    throw new IllegalStateException("planted");
                }

                @Override
                public void over() {}
            });
            thrown.get(60, TimeUnit.SECONDS);
            CompletableFuture<Boolean> verdict = new CompletableFuture<>();
            Runnable unusedToo = wire.check("127.0.0.1", server.getLocalPort(), null, new ProbeWire.Result() {
                @Override
                public void decide(boolean healthy, String why) {
                    verdict.complete(healthy);
                }

                @Override
                public void over() {}
            });
            assertThat(verdict.get(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            wire.close();
        }
    }
}
