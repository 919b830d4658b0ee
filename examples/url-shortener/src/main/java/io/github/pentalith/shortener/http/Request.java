// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A request, completely read.
 *
 * @param method such as {@code GET}
 * @param path the decoded path
 * @param route its route; handlers see only methods that the route knows
 * @param headers as received
 * @param body at most {@link WebServer#MAXIMUM_BODY} bytes
 * @param peer who is at the other end of the connection
 * @param trace where it stands in its trace
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Request(
        String method, String path, Route route, Headers headers, byte[] body, InetAddress peer, Trace trace) {

    /** The header in which the front names a request; repetitions of one request have one name. */
    public static final String ID = "X-Request-Id";

    /** The header in which the front says how many milliseconds are left. */
    public static final String DEADLINE = "X-Deadline-Ms";

    /** {@return the first value of a header, or null} */
    public @Nullable String header(String name) {
        return headers.getFirst(name);
    }

    /** {@return the code in the path, on routes that have one} */
    public String code() {
        return Route.code(path);
    }
}
