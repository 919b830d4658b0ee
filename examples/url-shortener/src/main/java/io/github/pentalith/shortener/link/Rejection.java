// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import org.jspecify.annotations.Nullable;

/** A request that is answered with "no", and why. It has no stack trace: it is an answer, not an accident. */
public final class Rejection extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What kind of "no". */
    public enum Kind {
        /** The request breaks a rule. */
        INVALID,
        /** The alias belongs to another link. */
        TAKEN,
        /** There is no such link, or not for this user. */
        NOT_FOUND,
        /** The link had its time. */
        EXPIRED,
        /** Not now; the same request may succeed later. */
        UNAVAILABLE
    }

    private final Kind kind;
    private final String code;
    private final @Nullable String field;

    private Rejection(Kind kind, String code, @Nullable String field, String detail) {
        super(detail, null, false, false);
        this.kind = kind;
        this.code = code;
        this.field = field;
    }

    /** {@return the refusal of a request because of one of its fields} */
    public static Rejection invalid(String code, @Nullable String field, String detail) {
        return new Rejection(Kind.INVALID, code, field, detail);
    }

    /** {@return the refusal of an alias that is in use, or was} */
    public static Rejection taken(String alias) {
        return new Rejection(Kind.TAKEN, "alias_taken", "alias", "the alias is taken: " + alias);
    }

    /** {@return the answer for a link that is not there} */
    public static Rejection notFound() {
        return new Rejection(Kind.NOT_FOUND, "not_found", null, "there is no such link");
    }

    /** {@return the answer for a link that had its time} */
    public static Rejection expired() {
        return new Rejection(Kind.EXPIRED, "expired", null, "the link has expired");
    }

    /** {@return the answer when a part of the system is away} */
    public static Rejection unavailable(String detail) {
        return new Rejection(Kind.UNAVAILABLE, "unavailable", null, detail);
    }

    /** {@return what kind of "no"} */
    public Kind kind() {
        return kind;
    }

    /** {@return the word that programs compare, such as {@code alias_taken}} */
    public String code() {
        return code;
    }

    /** {@return the field of the request that is to blame, if one is} */
    public @Nullable String field() {
        return field;
    }
}
