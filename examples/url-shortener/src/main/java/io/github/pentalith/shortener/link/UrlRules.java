// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which long URLs are accepted. The text is kept exactly as given, so it is looked at with the eyes of a browser
 * (WHATWG URL), which is more lenient than {@link URI}: what is accepted here is what a browser would follow.
 */
public final class UrlRules {
    /** More than this no common server accepts as a request line. */
    public static final int MAXIMUM_LENGTH = 8_192;

    private static final String FIELD = "longUrl";

    private final Place own;
    private final String ownPath;

    /** The rules of a service whose short URLs start with {@code baseUrl}. */
    public UrlRules(URI baseUrl) {
        Place place = Place.of(baseUrl.toString());
        if (place == null || !isWeb(baseUrl.toString())) {
            throw new IllegalArgumentException(
                    "baseUrl must be absolute: baseUrl=" + baseUrl + " (expected: http or https with a host)");
        }
        this.own = place;
        String path = baseUrl.getRawPath();
        this.ownPath = path == null || path.equals("/") ? "" : path;
    }

    /**
     * Lets a URL pass that a link may lead to.
     *
     * @throws Rejection if not
     */
    public String require(String url) {
        if (url.length() > MAXIMUM_LENGTH) {
            throw Rejection.invalid(
                    "url_too_long", FIELD, "a URL has at most 8,192 characters; this one has " + url.length());
        }
        requireCharacters(url);
        if (!isWeb(url)) {
            throw Rejection.invalid("url_scheme", FIELD, "a URL starts with http:// or https://");
        }
        Place place = Place.of(url);
        if (place == null) {
            throw Rejection.invalid("url_invalid", FIELD, "this is not an absolute URL with a host");
        }
        if (leadsHere(place)) {
            throw Rejection.invalid("url_loop", FIELD, "the URL leads back to this service");
        }
        return url;
    }

    private static boolean isWeb(String url) {
        String scheme = url.substring(0, Math.max(0, url.indexOf(':'))).toLowerCase(Locale.ROOT);
        return scheme.equals("http") || scheme.equals("https");
    }

    private static void requireCharacters(String url) {
        for (int i = 0; i < url.length(); ) {
            int c = url.codePointAt(i);
            if (Character.isISOControl(c)) {
                throw Rejection.invalid("url_control_character", FIELD, "control character at position " + i);
            }
            // A space would end the URL wherever it is printed; half a surrogate pair cannot be sent at all.
            if (Character.isWhitespace(c) || Character.isSpaceChar(c) || isSurrogate(c)) {
                throw Rejection.invalid("url_invalid", FIELD, "character not allowed at position " + i);
            }
            i += Character.charCount(c);
        }
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private boolean leadsHere(Place place) {
        if (!place.sameServer(own)) {
            return false;
        }
        String path = place.path();
        return path.startsWith(ownPath)
                && (path.length() == ownPath.length()
                        || ownPath.isEmpty()
                        || "/?#".indexOf(path.charAt(ownPath.length())) >= 0);
    }

    /** Where a URL leads: host in lower case, port or -1 for the scheme's own, and all that follows. */
    private record Place(String host, int port, String path) {

        /** {@return the place, or null if the text is no http or https URL with a host} */
        static @Nullable Place of(String url) {
            int start = url.indexOf(':');
            if (start < 0 || !url.startsWith("://", start)) {
                return null;
            }
            int end = start + 3;
            while (end < url.length() && "/?#\\".indexOf(url.charAt(end)) < 0) { // browsers read '\' as '/'
                end++;
            }
            String authority = url.substring(start + 3, end).toLowerCase(Locale.ROOT);
            authority = authority.substring(authority.lastIndexOf('@') + 1); // without user and password
            int hostEnd = hostEnd(authority);
            String host = Hosts.canonical(authority.substring(0, hostEnd));
            int port = port(authority.substring(hostEnd), url.substring(0, start));
            return host == null || port < -1 ? null : new Place(host, port, url.substring(end));
        }

        /** {@return where the host ends: at the first colon that is not in brackets} */
        private static int hostEnd(String authority) {
            int colon = authority.indexOf(':', authority.startsWith("[") ? authority.indexOf(']') + 1 : 0);
            return colon < 0 ? authority.length() : colon;
        }

        /** {@return the port, -1 if it is the scheme's own, -2 if it is none} */
        private static int port(String withColon, String scheme) {
            if (withColon.length() <= 1) {
                return -1;
            }
            String digits = withColon.substring(1);
            if (digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return -2;
            }
            int port = Integer.parseInt(digits);
            return port > 65_535 ? -2 : port == (scheme.equalsIgnoreCase("https") ? 443 : 80) ? -1 : port;
        }

        /** {@return whether both are one server; http and https on their own ports count as one} */
        boolean sameServer(Place other) {
            return host.equals(other.host) && port == other.port;
        }
    }
}
