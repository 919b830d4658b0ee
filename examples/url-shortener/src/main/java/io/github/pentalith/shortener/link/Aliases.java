// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What may stand after the slash. */
public final class Aliases {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{4,32}");

    /** First words of the service's own paths; in any case of letters, as people do not tell /Health from /health. */
    private static final Set<String> RESERVED = Set.of("api", "health", "metrics", "admin");

    private Aliases() {}

    /** {@return whether the text could be the code or the alias of a link: everything else is unknown without asking} */
    public static boolean isWellFormed(String text) {
        return FORM.matcher(text).matches() && !isReserved(text);
    }

    /**
     * Lets an alias pass that a user may choose.
     *
     * @throws Rejection if not
     */
    public static String require(String alias) {
        if (isReserved(alias)) {
            throw Rejection.invalid("alias_reserved", "alias", "this alias is reserved: " + alias);
        }
        if (!FORM.matcher(alias).matches()) {
            throw Rejection.invalid(
                    "alias_invalid", "alias", "an alias has 4 to 32 characters of A-Z, a-z, 0-9, '_' and '-'");
        }
        return alias;
    }

    /** {@return whether the text is one of the service's own words} */
    public static boolean isReserved(String text) {
        return RESERVED.contains(text.toLowerCase(Locale.ROOT));
    }
}
