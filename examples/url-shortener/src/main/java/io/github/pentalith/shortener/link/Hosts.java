// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One spelling per host, by the rules of WHATWG URL. Nothing is looked up. */
final class Hosts {
    /** No name has these; a browser would decode a '%', which would be a further spelling. */
    private static final String FORBIDDEN = "%:[]<>^|";

    private static final String LOCAL = "localhost";

    private Hosts() {}

    /**
     * {@return the one spelling, or null if the text is no host}
     *
     * @param host in lower case, an IPv6 address in brackets
     */
    static @Nullable String canonical(String host) {
        if (host.startsWith("[")) {
            return ofIpv6(host);
        }
        String ascii = ascii(host);
        String name = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii; // the dot of the root
        if (name.isEmpty() || name.chars().anyMatch(c -> FORBIDDEN.indexOf(c) >= 0)) {
            return null;
        }
        if (name.endsWith(".localhost")) { // all of them lead to this machine (RFC 6761)
            return LOCAL;
        }
        return isNumber(name.substring(name.lastIndexOf('.') + 1)) ? ofIpv4(name) : name;
    }

    /** {@return the name as it is looked up (IDNA), where many characters become one; empty if it is no name} */
    private static String ascii(String host) {
        if (host.chars().allMatch(c -> c < 0x80)) {
            return host;
        }
        try {
            return IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static @Nullable String ofIpv6(String host) {
        if (host.indexOf('%') >= 0) { // names a network interface
            return null;
        }
        try {
            return spell(InetAddress.getByName(host)); // what stands in brackets is only parsed
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** {@return whether the last part of a host makes it an IPv4 address, right or wrong} */
    private static boolean isNumber(String part) {
        return part.matches("[0-9]+|0x[0-9a-f]*");
    }

    /** Up to four numbers, decimal, octal or hexadecimal, of which the last fills all bytes that are left. */
    private static @Nullable String ofIpv4(String name) {
        String[] parts = name.split("\\.", -1);
        if (parts.length > 4) {
            return null;
        }
        int last = parts.length - 1;
        long address = 0;
        for (int i = 0; i <= last; i++) {
            int bits = i == last ? 8 * (4 - last) : 8;
            long number = number(parts[i]);
            if (number < 0 || number >= 1L << bits) {
                return null;
            }
            address = address << bits | number;
        }
        return spell(address);
    }

    /** {@return the number, or -1 if it is none or far too large} */
    private static long number(String part) {
        try {
            if (!isNumber(part)) {
                return -1;
            }
            if (part.startsWith("0x")) {
                return part.length() == 2 ? 0 : Long.parseLong(part.substring(2), 16);
            }
            return Long.parseLong(part, part.startsWith("0") ? 8 : 10);
        } catch (NumberFormatException e) { // an 8 in an octal number, or more than 63 bits
            return -1;
        }
    }

    private static @Nullable String spell(long ipv4) {
        byte[] bytes = {(byte) (ipv4 >> 24), (byte) (ipv4 >> 16), (byte) (ipv4 >> 8), (byte) ipv4};
        try {
            return spell(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) { // only for a wrong number of bytes
            return null;
        }
    }

    /** All addresses that lead to this machine wherever it is become one name. */
    private static String spell(InetAddress address) {
        return address.isLoopbackAddress() || address.isAnyLocalAddress() ? LOCAL : address.getHostAddress();
    }
}
