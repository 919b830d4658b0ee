// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A short link.
 *
 * @param code code or alias: what stands after the slash
 * @param longUrl where it leads, exactly as given
 * @param owner the user who made it; null if nobody said
 * @param createdAt when, in milliseconds
 * @param expiresAt from when on it is not followed any more; null for never
 * @param permanent whether clients may remember the answer (301 instead of 302)
 */
public record Link(
        String code,
        String longUrl,
        @Nullable String owner,
        Instant createdAt,
        @Nullable Instant expiresAt,
        boolean permanent) {

    /** {@return whether it is not followed any more at that time} */
    public boolean expiredAt(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}
