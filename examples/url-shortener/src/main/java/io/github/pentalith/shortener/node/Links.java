// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.shortener.link.Aliases;
import io.github.pentalith.shortener.link.Link;
import io.github.pentalith.shortener.link.NewLink;
import io.github.pentalith.shortener.link.Rejection;
import io.github.pentalith.shortener.store.LinkTable;
import io.github.pentalith.shortener.store.UrlIndex;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes, finds and deletes links: the life of a link over cache and databases. */
final class Links {
    // Each further round means that another request or an alias got in between; three in a row do not happen by chance.
    private static final int ROUNDS = 5;

    private final LinkTable table;
    private final UrlIndex index;
    private final LinkCache cache;
    private final Supplier<String> codes;
    private final InstantSource clock;

    Links(LinkTable table, UrlIndex index, LinkCache cache, Supplier<String> codes, InstantSource clock) {
        this.table = table;
        this.index = index;
        this.cache = cache;
        this.codes = codes;
        this.clock = clock;
    }

    /**
     * The link that a wish led to.
     *
     * @param isNew false if the user had it already
     * @param clicks how often it was followed
     */
    record Made(Link link, boolean isNew, long clicks) {}

    /** {@return a link as wished} */
    Made make(NewLink wish, @Nullable String user) throws SQLException {
        String alias = wish.alias();
        if (alias != null) {
            return makeNamed(wish, alias, user);
        }
        return user == null ? makeAnonymous(wish) : makeFor(wish, user);
    }

    private Made makeNamed(NewLink wish, String alias, @Nullable String user) throws SQLException {
        Link link = link(alias, wish, user);
        if (!table.insert(link)) {
            LinkTable.Row row = table.read(alias);
            if (row == null || !row.lives() || !row.link().equals(link)) { // equal: our own first try did arrive
                throw Rejection.taken(alias);
            }
        }
        cache.forgetAbsence(alias); // somebody may have asked for it before
        return new Made(link, true, 0);
    }

    private Made makeAnonymous(NewLink wish) throws SQLException {
        for (int round = 0; round < ROUNDS; round++) {
            Link link = link(newCode(codes), wish, null);
            if (table.insert(link)) {
                return new Made(link, true, 0);
            }
        }
        throw Rejection.unavailable("no free code was found");
    }

    /**
     * One link per user and URL. The index row comes first: a crash after it leaves a code without a link, and the next
     * request for the same URL, which finds the row, makes that link.
     */
    private Made makeFor(NewLink wish, String user) throws SQLException {
        for (int round = 0; round < ROUNDS; round++) {
            String proposal = newCode(codes);
            String code = index.claim(user, wish.longUrl(), proposal);
            LinkTable.Row row = code.equals(proposal) ? null : table.read(code);
            if (row == null) {
                Link link = link(code, wish, user);
                if (table.insert(link)) {
                    return new Made(link, true, 0);
                }
                row = table.read(code); // another request for the same URL was faster, or an alias had the code
            }
            if (row != null && isStillThatOf(row, user, wish.longUrl())) {
                return new Made(row.link(), false, row.clicks());
            }
            index.replace(user, wish.longUrl(), code, newCode(codes));
        }
        throw Rejection.unavailable("the link is being changed by others");
    }

    /** {@return the next code that is not by chance a word such as {@code metrics}, which is never served as a link} */
    static String newCode(Supplier<String> codes) {
        String code = codes.get();
        while (Aliases.isReserved(code)) {
            code = codes.get();
        }
        return code;
    }

    private boolean isStillThatOf(LinkTable.Row row, String user, String url) {
        return row.lives()
                && !row.link().expiredAt(clock.instant())
                && user.equals(row.link().owner())
                && url.equals(row.link().longUrl());
    }

    private Link link(String code, NewLink wish, @Nullable String user) {
        return new Link(
                code,
                wish.longUrl(),
                user,
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                wish.expiresAt(),
                wish.permanent());
    }

    /**
     * {@return the link to follow}
     *
     * @throws Rejection if there is none or it has expired
     */
    Link follow(String code) {
        Link link = cache.get(code);
        if (link == null) {
            throw Rejection.notFound();
        }
        if (link.expiredAt(clock.instant())) {
            throw Rejection.expired();
        }
        return link;
    }

    /** {@return a link with its clicks, expired or not} */
    LinkTable.Row look(String code) throws SQLException {
        LinkTable.Row row = table.read(code);
        if (row == null || !row.lives()) {
            throw Rejection.notFound();
        }
        return row;
    }

    /**
     * Deletes a link; when this returns, no node serves it any more.
     *
     * @param deletion names this request, so that its repetition is the same deletion
     */
    void delete(String code, @Nullable String user, String deletion) throws SQLException {
        LinkTable.Row row = table.read(code);
        if (row == null || !mayDelete(row.link(), user) || !table.delete(code, deletion)) {
            throw Rejection.notFound();
        }
        cache.forgetEverywhere(code);
    }

    private static boolean mayDelete(Link link, @Nullable String user) {
        return link.owner() == null || link.owner().equals(user);
    }
}
