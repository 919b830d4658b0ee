// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.migrate;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.Node;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Moves data from one map to the next while reads and writes go on: a state machine that says, in each state, where to
 * read and where to write. It does no input or output; the caller does, and reports.
 *
 * <table>
 * <caption>Where to go in each state</caption>
 * <tr><th>state</th><th>reads</th><th>writes</th><th>mirrors</th><th>left when</th></tr>
 * <tr><td>PLANNED</td><td>old</td><td>old</td><td></td><td></td></tr>
 * <tr><td>DUAL_WRITE</td><td>old</td><td>old</td><td>new</td><td></td></tr>
 * <tr><td>BACKFILL</td><td>old</td><td>old</td><td>new</td><td>every move is {@link #copied}</td></tr>
 * <tr><td>VERIFY</td><td>old</td><td>old</td><td>new</td><td>every move is {@link #verified}</td></tr>
 * <tr><td>READ_NEW</td><td>new</td><td>old</td><td>new</td><td></td></tr>
 * <tr><td>CUT_OVER</td><td>new</td><td>new</td><td>old</td><td></td></tr>
 * <tr><td>DONE</td><td>new</td><td>new</td><td></td><td>never</td></tr>
 * <tr><td>ROLLED_BACK</td><td>old</td><td>old</td><td></td><td>never</td></tr>
 * </table>
 *
 * <p><b>What the caller owes.</b>
 *
 * <ul>
 *   <li>A write is done when both places took it: {@link #writes} first, then {@link #mirrors}. It is acknowledged only
 *       then. A delete is a write of a tombstone.
 *   <li>Every value carries a version, and a place keeps the greater one, also when the backfill copies.
 *   <li>With several processes, each holds its own object. A state is left only after every process has entered it and
 *       has finished what it began before. Two neighbouring states may then be live at the same time, which the table
 *       makes safe; {@link #retreat} respects this too.
 * </ul>
 *
 * <p><b>Thread-safety:</b> safe for any number of threads. The routes read one volatile word; changes of state and
 * progress take a lock. A thread that asks for two routes may see two states: take them once per operation.
 *
 * <p><b>Time and memory:</b> a route is one or two look-ups and allocates nothing.
 *
 * <p><b>Failure:</b> a step that is not allowed throws {@link IllegalStateException} and changes nothing.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * var resharding = Resharding.of("links", map, map.with(Node.of("db-4")));
 * resharding.advance(); // DUAL_WRITE
 * resharding.advance(); // BACKFILL
 * for (Move move : resharding.plan().moves()) {
 *     copy(move);
 *     resharding.copied(move);
 * }
 * resharding.advance(); // VERIFY, and so on; at the end
 * holder.publish(resharding.plan().to());
 * }</pre>
 *
 * <p><b>Source:</b> the steps are those of Vitess' workflows (copy, run, diff, switch reads, switch writes, reverse).
 *
 * @param <K> type of the keys
 */
public final class Resharding<K> {
    /** Where a resharding is; see the table of {@link Resharding}. */
    public enum State {
        /** Nothing has begun. */
        PLANNED,
        /** Writes go to both places. */
        DUAL_WRITE,
        /** The caller copies what was there before. */
        BACKFILL,
        /** The caller compares. */
        VERIFY,
        /** Reads go to the new place. */
        READ_NEW,
        /** Writes go to the new place first. */
        CUT_OVER,
        /** The old place is no longer written to. There is no way back. */
        DONE,
        /** Everything is as before; the new place may be emptied. */
        ROLLED_BACK
    }

    private static final int MAGIC = 0x50535253; // PSRS
    private static final byte VERSION = 1;

    private final String name;
    private final MigrationPlan<K> plan;
    private final ReentrantLock lock = new ReentrantLock();
    private final BitSet copied = new BitSet();
    private final BitSet verified = new BitSet();
    private volatile State state = State.PLANNED;

    private Resharding(String name, MigrationPlan<K> plan) {
        this.name = Objects.requireNonNull(name, "name");
        this.plan = plan;
        if (plan.to().epoch() <= plan.from().epoch()) {
            throw new IllegalArgumentException("to must have a greater epoch: to="
                    + plan.to().epoch() + " (expected: more than " + plan.from().epoch() + ")");
        }
    }

    /**
     * {@return a resharding that has not begun}
     *
     * @param <K> type of the keys
     * @param name name in messages
     * @param from the map before
     * @param to the map after, of a greater epoch
     * @throws IllegalArgumentException if the epoch is not greater, or there is no {@linkplain MigrationPlan#between plan}
     */
    public static <K> Resharding<K> of(String name, HashShardMap<K> from, HashShardMap<K> to) {
        return new Resharding<>(name, MigrationPlan.between(from, to));
    }

    /**
     * {@return a resharding that goes on from a checkpoint}
     *
     * @param <K> type of the keys
     * @param name name in messages
     * @param from the map before
     * @param to the map after
     * @param checkpoint made by {@link #checkpoint()} of a resharding between the same maps
     * @throws IllegalArgumentException if the bytes are no checkpoint, are damaged, or belong to other maps
     */
    public static <K> Resharding<K> resume(String name, HashShardMap<K> from, HashShardMap<K> to, byte[] checkpoint) {
        Resharding<K> resumed = of(name, from, to);
        resumed.restore(checkpoint);
        return resumed;
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return what moves} */
    public MigrationPlan<K> plan() {
        return plan;
    }

    /** {@return the state now} */
    public State state() {
        return state;
    }

    /**
     * {@return the node to read the key from}
     *
     * @param key the key
     */
    public Node reads(K key) {
        return switch (state) {
            case PLANNED, DUAL_WRITE, BACKFILL, VERIFY, ROLLED_BACK ->
                plan.from().locate(key);
            case READ_NEW, CUT_OVER, DONE -> plan.to().locate(key);
        };
    }

    /**
     * {@return the node to write the key to first}
     *
     * @param key the key
     */
    public Node writes(K key) {
        return switch (state) {
            case PLANNED, DUAL_WRITE, BACKFILL, VERIFY, READ_NEW, ROLLED_BACK ->
                plan.from().locate(key);
            case CUT_OVER, DONE -> plan.to().locate(key);
        };
    }

    /**
     * {@return the node to write the key to afterwards, or null if there is no second place}
     *
     * @param key the key
     */
    public @Nullable Node mirrors(K key) {
        return switch (state) {
            case PLANNED, DONE, ROLLED_BACK -> null;
            case DUAL_WRITE, BACKFILL, VERIFY, READ_NEW ->
                other(plan.to().locate(key), plan.from().locate(key));
            case CUT_OVER -> other(plan.from().locate(key), plan.to().locate(key));
        };
    }

    private static @Nullable Node other(Node mirror, Node first) {
        return mirror.id().equals(first.id()) ? null : mirror;
    }

    /**
     * Reports that everything in the range of a move is in its new place as well, or is there newer.
     *
     * @param move a move of the plan
     * @throws IllegalStateException if the state is not BACKFILL
     * @throws IllegalArgumentException if the plan does not have the move
     */
    public void copied(Move move) {
        mark(move, State.BACKFILL, copied);
    }

    /**
     * Reports that both places of a move were compared and agree.
     *
     * @param move a move of the plan
     * @throws IllegalStateException if the state is not VERIFY
     * @throws IllegalArgumentException if the plan does not have the move
     */
    public void verified(Move move) {
        mark(move, State.VERIFY, verified);
    }

    private void mark(Move move, State during, BitSet marks) {
        int index = plan.moves().indexOf(move);
        if (index < 0) {
            throw new IllegalArgumentException("move must be of the plan: move=" + move + " (expected: one of its "
                    + plan.moves().size() + " moves)");
        }
        lock.lock();
        try {
            if (state != during) {
                throw new IllegalStateException(
                        "state must allow the report: state=" + state + " (expected: " + during + ")");
            }
            marks.set(index);
        } finally {
            lock.unlock();
        }
    }

    /** {@return the moves that still keep the state from being left: not copied in BACKFILL, not verified in VERIFY} */
    public List<Move> missing() {
        lock.lock();
        try {
            return switch (state) {
                case BACKFILL -> unmarked(copied);
                case VERIFY -> unmarked(verified);
                default -> List.of();
            };
        } finally {
            lock.unlock();
        }
    }

    private List<Move> unmarked(BitSet marks) {
        List<Move> missing = new ArrayList<>();
        List<Move> all = plan.moves();
        for (int i = marks.nextClearBit(0); i < all.size(); i = marks.nextClearBit(i + 1)) {
            missing.add(all.get(i));
        }
        return List.copyOf(missing);
    }

    /**
     * Goes to the next state. With several processes: only when all have entered the present one.
     *
     * @return the state now
     * @throws IllegalStateException if moves are missing, or the resharding is over
     */
    public State advance() {
        lock.lock();
        try {
            List<Move> missing = missing();
            if (!missing.isEmpty()) {
                throw new IllegalStateException(
                        name + " must finish every move before it leaves " + state + ": missing="
                                + missing.size() + " of " + plan.moves().size() + ", the first " + missing.get(0)
                                + " (expected: 0)");
            }
            State next = switch (state) {
                case PLANNED -> State.DUAL_WRITE;
                case DUAL_WRITE -> State.BACKFILL;
                case BACKFILL -> State.VERIFY;
                case VERIFY -> State.READ_NEW;
                case READ_NEW -> State.CUT_OVER;
                case CUT_OVER -> State.DONE;
                case DONE, ROLLED_BACK -> throw over();
            };
            state = next;
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Goes one step back: from CUT_OVER to READ_NEW, from there to VERIFY, and from this and all before to ROLLED_BACK.
     * With several processes: only when all have entered the present state. Nothing that was written is lost.
     *
     * @return the state now
     * @throws IllegalStateException if the resharding is over
     */
    public State retreat() {
        lock.lock();
        try {
            State next = switch (state) {
                case PLANNED, DUAL_WRITE, BACKFILL, VERIFY -> State.ROLLED_BACK;
                case READ_NEW -> State.VERIFY;
                case CUT_OVER -> State.READ_NEW;
                case DONE, ROLLED_BACK -> throw over();
            };
            state = next;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private IllegalStateException over() {
        return new IllegalStateException(
                name + " must not be over: state=" + state + " (expected: any but DONE and ROLLED_BACK)");
    }

    /** {@return state and progress as bytes, to go on from after a crash or in another process} */
    public byte[] checkpoint() {
        lock.lock();
        try {
            byte[] stateName = state.name().getBytes(StandardCharsets.US_ASCII);
            byte[] copiedBits = copied.toByteArray();
            byte[] verifiedBits = verified.toByteArray();
            ByteBuffer out = ByteBuffer.allocate(29 + stateName.length + copiedBits.length + verifiedBits.length);
            out.putInt(MAGIC).put(VERSION);
            out.putInt(checksum(plan.from().toBytes()))
                    .putInt(checksum(plan.to().toBytes()));
            out.putInt(stateName.length).put(stateName);
            out.putInt(copiedBits.length).put(copiedBits);
            out.putInt(verifiedBits.length).put(verifiedBits);
            out.putInt(checksum(Arrays.copyOf(out.array(), out.position())));
            return out.array();
        } finally {
            lock.unlock();
        }
    }

    private void restore(byte[] checkpoint) {
        ByteBuffer in = ByteBuffer.wrap(checkpoint);
        int end = checkpoint.length - 4;
        if (end < 4
                || in.getInt() != MAGIC
                || in.get() != VERSION
                || checksum(Arrays.copyOf(checkpoint, end)) != in.getInt(end)) {
            throw new IllegalArgumentException("checkpoint must be whole and of version 1: bytes=" + checkpoint.length
                    + " (expected: the result of checkpoint())");
        }
        if (in.getInt() != checksum(plan.from().toBytes())
                || in.getInt() != checksum(plan.to().toBytes())) {
            throw new IllegalArgumentException("checkpoint must belong to these maps: from=" + plan.from() + ", to="
                    + plan.to() + " (expected: the maps it was made with)");
        }
        lock.lock();
        try {
            State was = State.valueOf(new String(part(in), StandardCharsets.US_ASCII));
            copied.or(BitSet.valueOf(part(in)));
            verified.or(BitSet.valueOf(part(in)));
            state = was;
        } finally {
            lock.unlock();
        }
    }

    private static byte[] part(ByteBuffer in) {
        byte[] part = new byte[in.getInt()];
        in.get(part);
        return part;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Override
    public String toString() {
        return "Resharding[" + name + ", state=" + state + ", plan=" + plan + "]";
    }
}
