// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a feed asks its server to prove that it hears; and what else the answer must say. */
interface Heartbeat {
    Heartbeat PING = new Heartbeat() {
        @Override
        public List<String> words() {
            return List.of("PING");
        }

        @Override
        public void answered(@Nullable Object reply) {}
    };

    /** A master that was demoted hears of writes later than those who wrote: it proves nothing. */
    Heartbeat MASTER = new Heartbeat() {
        @Override
        public List<String> words() {
            return List.of("ROLE");
        }

        @Override
        public void answered(@Nullable Object reply) throws IOException {
            boolean master = reply instanceof List<?> role
                    && !role.isEmpty()
                    && role.get(0) instanceof byte[] name
                    && new String(name, StandardCharsets.US_ASCII).equals("master");
            if (!master) {
                throw new IOException("the server is no master any more");
            }
        }
    };

    /** The command. */
    List<String> words();

    /**
     * Called on the feed's thread, before the feed is told that it is verified.
     *
     * @throws IOException if the connection is no good
     */
    void answered(@Nullable Object reply) throws IOException;
}
