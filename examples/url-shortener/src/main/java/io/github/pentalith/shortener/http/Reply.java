// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A whole answer.
 *
 * @param status the status code
 * @param headers name to value; the length of the body is added when it is sent
 * @param body the body, of a HEAD request too
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Reply(int status, Map<String, String> headers, byte[] body) {
    private static final byte[] NOTHING = {};

    /** {@return an answer without a body} */
    public static Reply empty(int status) {
        return new Reply(status, Map.of(), NOTHING);
    }

    /** {@return an answer with a JSON body} */
    public static Reply json(int status, Object value) {
        return new Reply(status, Map.of("Content-Type", "application/json"), Json.write(value));
    }

    /** {@return an answer with a body of that type} */
    public static Reply of(int status, String contentType, byte[] body) {
        return new Reply(status, Map.of("Content-Type", contentType), body);
    }

    /** {@return the same answer with one more header} */
    public Reply with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, body);
    }
}
