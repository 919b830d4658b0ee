// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a database or a Redis, which may hold a user and a password: {@link #toString} shows neither, so that
 * no log and no message can.
 */
public final class Address {
    /** A parameter of a JDBC URL: of PostgreSQL after '?' or '&', of H2 after ';'. */
    private static final Pattern CREDENTIAL =
            Pattern.compile("([?&;])(user|password)=([^&;]*)", Pattern.CASE_INSENSITIVE);

    private static final Pattern USER_INFO = Pattern.compile("//([^/@?]*)@");

    private static final Pattern SCHEME = Pattern.compile("(jdbc:)?[a-z0-9-]+://");

    private final String text;

    private Address(String text) {
        this.text = text;
    }

    /** {@return the address with that text} */
    public static Address of(String text) {
        return new Address(text);
    }

    /** {@return the address of a database, {@code jdbc:...}} */
    public static Address jdbc(String text) {
        Address address = of(text);
        boolean isKnown = text.startsWith("jdbc:postgresql:") || text.startsWith("jdbc:h2:");
        if (!isKnown || address.jdbcUrl().contains("@")) { // or a driver would tell a part of a password
            throw new IllegalArgumentException("jdbc must be a URL of PostgreSQL or H2: jdbc=" + address
                    + " (expected: such as jdbc:postgresql://host/database?user=me&password=secret, with %40 for @)");
        }
        return address;
    }

    /** {@return all of it, for who connects} */
    public String reveal() {
        return text;
    }

    /** {@return the JDBC URL without credentials, so that no driver can tell them either} */
    String jdbcUrl() {
        String bare = USER_INFO.matcher(text).replaceFirst("//");
        StringBuilder url = new StringBuilder();
        Matcher credential = CREDENTIAL.matcher(bare);
        while (credential.find()) {
            credential.appendReplacement(url, credential.group(1).equals("?") ? "?" : "");
        }
        credential.appendTail(url);
        return url.toString().replace("?&", "?").replaceFirst("\\?$", "");
    }

    @Nullable
    String user() {
        return credential("user", 0);
    }

    @Nullable
    String password() {
        return credential("password", 1);
    }

    private @Nullable String credential(String name, int place) {
        Matcher info = USER_INFO.matcher(text);
        if (info.find()) {
            String[] parts = info.group(1).split(":", 2);
            return place < parts.length ? decoded(parts[place]) : null;
        }
        Matcher parameter = CREDENTIAL.matcher(text);
        while (parameter.find()) {
            if (parameter.group(2).equalsIgnoreCase(name)) {
                return parameter.group(1).equals(";") ? parameter.group(3) : decoded(parameter.group(3));
            }
        }
        return null;
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Address address && address.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** {@return where it leads, without credentials and parameters} Rather too little than a part of a secret. */
    @Override
    public String toString() {
        String[] parts = text.split("(?=[?;#])", 2);
        Matcher scheme = SCHEME.matcher(text);
        String start = scheme.lookingAt() ? scheme.group() : "";
        if (parts.length > 1 && parts[1].contains("@")) { // of a parameter, or of a password with a '?'
            return start + "(hidden)";
        }
        int login = parts[0].lastIndexOf('@');
        return login < 0 ? parts[0] : start + parts[0].substring(login + 1);
    }
}
