// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a request stands in a trace, as W3C Trace Context has it: this server's own span in the caller's trace, or in a
 * new one if the caller sent none that is valid.
 *
 * @param traceId names the trace, on all servers that it touches
 * @param parentId the caller's span; null if the trace begins here
 * @param spanId names the work of this server on this request
 * @param flags as received: 01 if the caller records the trace
 */
public record Trace(String traceId, @Nullable String parentId, String spanId, String flags) {
    /** The header that carries it. */
    public static final String HEADER = "traceparent";

    /** What vendors add to it; worthless without it. */
    public static final String STATE = "tracestate";

    // Versions after 00 may have more fields at the end, which we do not know and leave out.
    private static final Pattern FORM =
            Pattern.compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    /** {@return the trace of a header, one span further; a new trace if there is none or it is not valid} */
    public static Trace continued(@Nullable String traceparent) {
        Matcher parts = FORM.matcher(traceparent == null ? "" : traceparent);
        if (parts.matches() && (parts.group(5) == null || !parts.group(1).equals("00"))) {
            return new Trace(parts.group(2), parts.group(3), newId(), parts.group(4));
        }
        return new Trace(newId() + newId(), null, newId(), "00");
    }

    private static String newId() {
        long id;
        do {
            id = ThreadLocalRandom.current().nextLong();
        } while (id == 0); // the one value that is not valid
        return HexFormat.of().toHexDigits(id);
    }

    /** {@return whether the caller began it} */
    public boolean isContinued() {
        return parentId != null;
    }

    /** {@return what servers that this one calls are told: their parent is this span} */
    public String header() {
        return "00-" + traceId + "-" + spanId + "-" + flags;
    }
}
