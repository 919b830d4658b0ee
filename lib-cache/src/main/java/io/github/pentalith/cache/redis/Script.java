// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What happens inside Redis, atomically. KEYS[1] is the value, KEYS[2] its lease, in one slot by their hash tag; the
 * lease's key does not begin with the prefix that feeds listen to, so that taking one tells nobody.
 *
 * <p>A value is stored as 7 bytes of version, 2 bytes of stale time and what the cache gave. The version is the server's
 * time in microseconds, or one more than the version there if that is greater. Of the stale time two bits are the unit
 * (1 ms, 1 s, 1 min, 1 h), rounded up. A value is stale when no more of its Redis TTL is left than its stale time: one
 * clock, the server's, counts all of it.
 */
@SuppressWarnings("ImmutableEnumChecker") // nobody changes the arrays
enum Script {
    /**
     * ARGV: lease in ms or 0, token. Returns 1 (lease granted), 0 (somebody has it), 2 (none wanted), or the value, its
     * remaining ms, and 1 if it is stale and the lease was granted. A key of another type counts as a broken value.
     */
    FETCH("""
            local v = redis.pcall('GET', KEYS[1])
            if type(v) == 'table' then return {'', 0, 0} end
            if v then
              local left, granted = redis.call('PTTL', KEYS[1]), 0
              local b1, b2 = string.byte(v, 8, 9)
              if ARGV[1] ~= '0' and b2 and b1 + b2 > 0 then
                local unit = ({1, 1000, 60000, 3600000})[math.floor(b1 / 64) + 1]
                if left <= (b1 % 64 * 256 + b2) * unit
                    and redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[1]) then granted = 1 end
              end
              return {v, left, granted}
            end
            if ARGV[1] == '0' then return 2 end
            if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[1]) then return 1 end
            return 0
            """),

    /** ARGV: token, ttl in ms or 0 for giving the lease back, stale time, value. Returns the version or 0. */
    FILL("""
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
            redis.call('DEL', KEYS[2])
            if ARGV[2] == '0' then return 0 end
            """ + Script.STORE),

    /** ARGV: version wanted or -1, ttl in ms, stale time, value. Returns the version or 0. */
    WRITE("""
            if ARGV[1] ~= '-1' and version() ~= tonumber(ARGV[1]) then return 0 end
            redis.call('DEL', KEYS[2])
            """ + Script.STORE),

    /**
     * Removes the value and the lease. A lease without a value means that somebody loads: the feeds must hear of it,
     * and Redis tells them of changes of values only, so there is one for a moment.
     */
    INVALIDATE("""
            local removed = redis.call('DEL', KEYS[1])
            if redis.call('DEL', KEYS[2]) == 1 and removed == 0 then
              redis.call('SET', KEYS[1], '')
              redis.call('DEL', KEYS[1])
            end
            return removed
            """);

    private static final String VERSION = """
            local function version()
              local head = redis.pcall('GETRANGE', KEYS[1], 0, 6)
              if type(head) ~= 'string' or #head < 7 then return 0 end
              local v = 0
              for i = 1, 7 do v = v * 256 + string.byte(head, i) end
              return v
            end
            """;

    /** The last words of FILL and WRITE. */
    private static final String STORE = """
            local now = redis.call('TIME')
            local v = math.max(version() + 1, now[1] * 1000000 + now[2])
            local bytes, rest = {}, v
            for i = 7, 1, -1 do bytes[i] = rest % 256; rest = math.floor(rest / 256) end
            redis.call('SET', KEYS[1], string.char(unpack(bytes)) .. ARGV[3] .. ARGV[4], 'PX', ARGV[2])
            return v
            """;

    private final byte[] body;
    private final byte[] sha1;

    Script(String body) {
        this.body = (body.contains("version()") ? versionFirst(body) : body).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(this.body);
            this.sha1 = HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-1
        }
    }

    private static String versionFirst(String body) {
        return VERSION + body;
    }

    byte[] body() {
        return body;
    }

    byte[] sha1() {
        return sha1;
    }
}
