// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What happens inside Redis, atomically. KEYS[1] is the value, KEYS[2] its lease, KEYS[3] the writes under way, in one
 * slot by their hash tag; the latter two do not begin with the prefix that feeds listen to, so that taking a lease tells
 * nobody.
 *
 * <p>A value is stored as 7 bytes of version, 6 bytes of the time until which it is fresh, 2 bytes of stale time and what
 * the cache gave. The version is the server's time in microseconds, or one more than the version there if that is
 * greater; the time is the server's in milliseconds. Of the stale time two bits are the unit (1 ms, 1 s, 1 min, 1 h),
 * rounded up. One clock, the server's, counts all of it.
 *
 * <p>Writes under way are a sorted set of marks by when they expire; the member {@code *} says that there was more than
 * one at a time since the set was last empty. As long as it is not, the lease is taken by them, so that whoever can take a
 * lease need not look for writes.
 */
@SuppressWarnings("ImmutableEnumChecker") // nobody changes the arrays
enum Script {
    /**
     * ARGV: lease in ms or 0, token, the version that counts as none or -1. Returns 1 (lease granted), 0 (somebody has
     * it), 2 (none wanted), 3 (a write is under way), or the value, the time in ms, and 1 if it is stale and the lease
     * was granted. A key of another type counts as a broken value.
     */
    FETCH("""
            local v = redis.pcall('GET', KEYS[1])
            if type(v) == 'table' then return {'', 0, 0} end
            if v and (ARGV[3] == '-1' or number(v, 1, 7) ~= tonumber(ARGV[3])) then
              local _, now = time()
              local granted = 0
              if ARGV[1] ~= '0' and #v >= 15 and number(v, 8, 13) <= now
                  and redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[1]) then granted = 1 end
              return {v, now, granted}
            end
            if ARGV[1] == '0' then return 2 end
            if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[1]) then return 1 end
            return redis.call('EXISTS', KEYS[3]) == 1 and 3 or 0
            """),

    /** ARGV: token, ms to keep or 0 for giving the lease back, ms fresh, stale time, value. Returns the version or 0. */
    FILL("""
            if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
            redis.call('DEL', KEYS[2])
            if ARGV[2] == '0' then return 0 end
            local micros, now = time()
            return store(math.max(version() + 1, micros), now)
            """),

    /** ARGV: version wanted or -1, ms to keep, ms fresh, stale time, value. Returns the version or 0. */
    WRITE("""
            local there = version()
            if ARGV[1] ~= '-1' and there ~= tonumber(ARGV[1]) then return 0 end
            if redis.call('EXISTS', KEYS[3]) == 1 then
              drop(true)
              return 0
            end
            redis.call('DEL', KEYS[2])
            local micros, now = time()
            return store(math.max(there + 1, micros), now)
            """),

    /** Removes the value and the lease. */
    INVALIDATE("""
            drop(redis.call('EXISTS', KEYS[3]) == 1)
            return 1
            """),

    /** ARGV: version wanted or -1, ms that the mark holds. Returns the mark or 0. */
    MARK("""
            local there = version()
            local open = redis.call('EXISTS', KEYS[3]) == 1
            if ARGV[1] ~= '-1' and (open or there ~= tonumber(ARGV[1])) then return 0 end
            local mark, now = time()
            local ends = now + tonumber(ARGV[2])
            mark = math.max(there + 1, mark)
            drop(open)
            if open then
              redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
              local overlaps = false
              for _, other in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
                overlaps = true
                if other ~= '*' then mark = math.max(mark, tonumber(other) + 1) end
              end
              if overlaps then
                local last = tonumber(redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')[2])
                ends = math.max(ends, last)
                redis.call('ZADD', KEYS[3], ends, '*')
              end
            end
            redis.call('ZADD', KEYS[3], now + tonumber(ARGV[2]), string.format('%.0f', mark))
            redis.call('PEXPIREAT', KEYS[3], ends)
            redis.call('SET', KEYS[2], 'write', 'PX', ends - now)
            return mark
            """),

    /** ARGV: mark, ms to keep or 0 for no value, ms fresh, stale time, value. Returns 1 if the value was stored, or 0. */
    SETTLE("""
            local _, now = time()
            redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
            local held = redis.call('ZREM', KEYS[3], ARGV[1]) == 1
            local rest = redis.call('ZCARD', KEYS[3])
            local last = rest == 0
            if rest == 1 and redis.call('ZSCORE', KEYS[3], '*') then
              redis.call('DEL', KEYS[3])
              last = true
            end
            if last then redis.call('DEL', KEYS[2]) end
            if held and rest == 0 and ARGV[2] ~= '0' then
              store(tonumber(ARGV[1]), now)
              return 1
            end
            drop(true)
            return 0
            """);

    private static final String FUNCTIONS = """
            local function number(s, from, to)
              if #s < to then return 0 end
              local n = 0
              for i = from, to do n = n * 256 + string.byte(s, i) end
              return n
            end
            local function version()
              local head = redis.pcall('GETRANGE', KEYS[1], 0, 6)
              return type(head) == 'string' and number(head, 1, 7) or 0
            end
            local function time()
              local now = redis.call('TIME')
              return now[1] * 1000000 + now[2], now[1] * 1000 + math.floor(now[2] / 1000)
            end
            """;

    /**
     * Readers elsewhere may be loading: with a lease, or without one because of a write. The feeds must hear of it even if
     * there is no value, and Redis tells them of changes of values only, so there is one for a moment.
     */
    private static final String DROP = """
            local function drop(writing)
              local removed = redis.call('DEL', KEYS[1])
              if (writing or redis.call('DEL', KEYS[2]) == 1) and removed == 0 then
                redis.call('SET', KEYS[1], '')
                redis.call('DEL', KEYS[1])
              end
            end
            """;

    private static final String STORE = """
            local function bytes(n, count)
              local all = {}
              for i = count, 1, -1 do all[i] = n % 256; n = math.floor(n / 256) end
              return string.char(unpack(all))
            end
            local function store(v, now)
              redis.call('SET', KEYS[1], bytes(v, 7) .. bytes(now + tonumber(ARGV[3]), 6) .. ARGV[4] .. ARGV[5],
                  'PX', ARGV[2])
              return v
            end
            """;

    private final byte[] body;
    private final byte[] sha1;

    Script(String body) {
        this.body = withFunctions(body).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(this.body);
            this.sha1 = HexFormat.of().formatHex(digest).getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-1
        }
    }

    /** Each script with the functions that it calls. */
    private static String withFunctions(String body) {
        return FUNCTIONS + (body.contains("drop(") ? DROP : "") + (body.contains("store(") ? STORE : "") + body;
    }

    byte[] body() {
        return body;
    }

    byte[] sha1() {
        return sha1;
    }
}
