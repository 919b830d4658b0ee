// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.code;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Where node numbers are leased: rows {@code (number, owner, until)} that all nodes see. Times are milliseconds. */
public interface LeaseTable {
    /**
     * A number that was got.
     *
     * @param number 0 to 1,023
     * @param usedUntil the time up to which earlier holders may have issued ids
     */
    record Claim(int number, long usedUntil) {}

    /** {@return a number that nobody holds at {@code now}, from now on held until then; null if there is none} */
    @Nullable
    Claim claim(String owner, long now, long until) throws SQLException;

    /** {@return whether the number was still the owner's, and is until then} */
    boolean renew(int number, String owner, long until) throws SQLException;
}
