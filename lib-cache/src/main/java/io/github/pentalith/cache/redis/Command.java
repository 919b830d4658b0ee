// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.nio.charset.StandardCharsets;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.util.JedisClusterCRC16;

/** A Redis command with its arguments. Not compared. */
@SuppressWarnings("ArrayRecordComponent")
record Command(ProtocolCommand name, byte[]... arguments) {
    private static final byte[] KEYS = {'3'};
    private static final byte[] NX = {'N', 'X'};
    private static final byte[] PX = {'P', 'X'};

    static Command of(Protocol.Command name, byte[]... arguments) {
        return new Command(name, arguments);
    }

    /** A script by its hash; its first argument on the wire. */
    static Command of(Script script, byte[] key, byte[]... arguments) {
        return script(Protocol.Command.EVALSHA, script.sha1(), key, arguments);
    }

    private static Command script(Protocol.Command name, byte[] script, byte[] key, byte[]... arguments) {
        byte[][] all = new byte[5 + arguments.length][];
        all[0] = script;
        all[1] = KEYS;
        all[2] = key;
        all[3] = beside('~', key);
        all[4] = beside('!', key);
        System.arraycopy(arguments, 0, all, 5, arguments.length);
        return new Command(name, all);
    }

    /** Takes a lease if nobody has it. */
    static Command takeLease(byte[] key, long token, byte[] millis) {
        return of(Protocol.Command.SET, beside('~', key), ascii(token), NX, PX, millis);
    }

    /** The same with the whole script, for a server that does not know it yet. */
    Command withBody(Script script) {
        byte[][] all = arguments.clone();
        all[0] = script.body();
        return new Command(Protocol.Command.EVAL, all);
    }

    /** The slot of a script's key in a cluster. */
    int slot() {
        return JedisClusterCRC16.getSlot(arguments[2]);
    }

    /** Not under the prefix of values, but with the same hash tag. */
    private static byte[] beside(char first, byte[] key) {
        byte[] other = new byte[key.length + 1];
        other[0] = (byte) first;
        System.arraycopy(key, 0, other, 1, key.length);
        return other;
    }

    static byte[] ascii(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
