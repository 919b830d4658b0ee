// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.pentalith.cache.Coherence.Mark;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The tags that this process knows, with their versions.
 *
 * <p>A tag is a key of the remote level with a version and no value; to invalidate a tag is to invalidate that key, and
 * who misses it creates it with a version that it never had. An entry carries the versions that its tags had
 * <em>before</em> its load, so an entry whose load overlapped the invalidation carries the old one: it is in nobody's
 * way, and nobody takes it. Versions are compared for equality only. All entries have the tag {@link #ALL}, whose
 * invalidation clears the cache in one step.
 *
 * <p>What is known of a tag is kept true as entries are: by the fill guard, the feed, and the proof of age.
 */
final class Tags {
    /** The tag of all entries; users' tags are not empty. */
    static final String ALL = "";

    private static final int RECENT = 10_000;

    private final Coherence coherence;
    private final @Nullable Source source;
    private final Runnable cleared;

    /** Of values without tags of the user's; it saves looking the tag of all up. */
    private volatile @Nullable Seal sole;

    /** Weak values: a tag is known at least as long as an entry of the local level has it. */
    private final Cache<String, State> known =
            Caffeine.newBuilder().weakValues().executor(Runnable::run).build();

    private final Cache<String, State> recent =
            Caffeine.newBuilder().maximumSize(RECENT).executor(Runnable::run).build();

    /** Tells the versions of tags; throws if it cannot. */
    interface Source {
        List<Long> versions(List<String> tags);
    }

    /**
     * {@code source}: null if there is no remote level; then this process alone knows all. {@code cleared}: runs when
     * somebody has cleared the cache; its entries are dead already and take up room.
     */
    Tags(Coherence coherence, @Nullable Source source, Runnable cleared) {
        this.coherence = coherence;
        this.source = source;
        this.cleared = cleared;
    }

    /** A version of a tag. While it has no proof, it may be another one's turn already. */
    static final class State {
        final String tag;
        final long version;
        final long since;
        volatile @Nullable Mark proof;

        State(String tag, long version, long since) {
            this.tag = tag;
            this.version = version;
            this.since = since;
        }
    }

    /** The point in time before a load. */
    record Before(long at, long tagInvalidations) {}

    /** All tags of one entry as they were before its load; {@link #ALL} comes first if there is a remote level. */
    static final class Seal {
        static final Seal NONE = new Seal(List.of());

        private final List<State> states;
        private final State @Nullable [] array;

        Seal(List<State> states) {
            this.states = states;
            this.array = states.isEmpty() ? null : states.toArray(State[]::new);
        }

        List<State> states() {
            return states;
        }

        /** Whether the tags of a value in the remote level still have the versions that it carries. */
        boolean has(Wire.Stamp stamp) {
            if (states.get(0).version != stamp.cleared()) {
                return false;
            }
            List<Wire.Tagged> tags = stamp.tags();
            for (int i = 0; i < tags.size(); i++) {
                if (states.get(i + 1).version != tags.get(i).version()) {
                    return false;
                }
            }
            return true;
        }

        /** Without the tag of all, for entries that no feed watches: clearing drops them here, and elsewhere their time does. */
        Seal ofUser() {
            return complete() ? new Seal(states.subList(1, states.size())) : this;
        }

        /** Whether it will do for the remote level. */
        boolean complete() {
            return !states.isEmpty() && states.get(0).tag.equals(ALL);
        }

        /** What entries of the local level look at; null for nothing. */
        State @Nullable [] toArray() {
            return array;
        }
    }

    /** Learns the versions of tags that a load will probably have, and says when. */
    Before before(Collection<String> likely) {
        List<State> unused = states(withAll(likely));
        return new Before(coherence.now(), coherence.tagInvalidations());
    }

    /** The seal of what was loaded; null if it is not known what its tags were before. */
    @Nullable
    Seal seal(Collection<String> tags, Before before) {
        if (source == null && tags.isEmpty()) {
            return Seal.NONE;
        }
        boolean quiet = source == null && coherence.tagInvalidations() == before.tagInvalidations;
        List<State> states = states(withAll(tags));
        if (states == null) {
            return null;
        }
        for (State state : states) {
            if (!quiet && state.since - before.at > 0) {
                return null;
            }
        }
        return new Seal(states);
    }

    /** A seal for entries that this process alone sees, while nobody can be asked; null if a tag may have been dropped. */
    @Nullable
    Seal unwatched(Collection<String> tags, Before before) {
        if (!tags.isEmpty() && coherence.tagInvalidations() != before.tagInvalidations) {
            return null;
        }
        List<State> states = new ArrayList<>();
        for (String tag : tags) {
            Mark mark = coherence.mark(tag);
            states.add(kept(tag, (key, old) -> {
                State state = old != null && old.proof != null ? old : new State(tag, 0, mark.askedAt());
                if (state.proof == null && coherence.unchanged(mark)) {
                    state.proof = mark;
                }
                return state;
            }));
        }
        return new Seal(states);
    }

    /** The tags of a value in the remote level as they are now; null if nobody answers. */
    @Nullable
    Seal now(List<Wire.Tagged> tags) {
        if (tags.isEmpty()) {
            Seal usual = sole;
            if (usual != null && current(usual.states.get(0), coherence.now())) {
                return usual;
            }
        }
        List<String> names = new ArrayList<>(tags.size() + 1);
        names.add(ALL);
        for (Wire.Tagged each : tags) {
            names.add(each.tag());
        }
        List<State> states = states(names);
        if (states == null) {
            return null;
        }
        Seal seal = new Seal(states);
        sole = tags.isEmpty() ? seal : sole;
        return seal;
    }

    private List<String> withAll(Collection<String> tags) {
        List<String> all = new ArrayList<>(tags.size() + 1);
        if (source != null) {
            all.add(ALL);
        }
        all.addAll(tags);
        return all;
    }

    /** What is true of tags now, asking for what is not known; null if nobody answers. */
    @Nullable
    List<State> states(List<String> tags) {
        List<State> states = new ArrayList<>(tags.size());
        List<String> unknown = null;
        long now = coherence.now();
        for (String tag : tags) {
            State state = known.getIfPresent(tag);
            if (state != null && current(state, now)) {
                states.add(state);
            } else {
                unknown = unknown == null ? new ArrayList<>() : unknown;
                unknown.add(tag);
            }
        }
        return unknown == null ? states : asked(tags, unknown);
    }

    private boolean current(State state, long now) {
        Mark proof = state.proof;
        boolean told = source == null || state.version != 0; // else made up while nobody could be asked
        return told && proof != null && coherence.trusts(proof.askedAt(), proof.era(), true, now);
    }

    private @Nullable List<State> asked(List<String> tags, List<String> unknown) {
        List<Mark> marks = unknown.stream().map(coherence::mark).toList();
        List<Long> versions = null;
        if (source != null) {
            try {
                versions = source.versions(unknown);
            } catch (RuntimeException e) {
                return null;
            }
        }
        List<State> states = new ArrayList<>(tags.size());
        for (String tag : tags) {
            int index = unknown.indexOf(tag);
            if (index < 0) {
                State state = known.getIfPresent(tag);
                if (state == null) {
                    return null; // forgotten this moment; the next call asks for it
                }
                states.add(state);
            } else {
                Mark mark = marks.get(index);
                states.add(learned(tag, versions == null ? mark.askedAt() : versions.get(index), mark));
            }
        }
        return states;
    }

    /** The same version is the same state: it was true all the time, whatever the feed told. */
    private State learned(String tag, long version, Mark mark) {
        AtomicBoolean changed = new AtomicBoolean();
        State learned = kept(tag, (key, old) -> {
            State state = old != null && old.version == version ? old : new State(tag, version, mark.askedAt());
            if (old != null && old != state) {
                old.proof = null;
                changed.set(true);
            }
            if (coherence.unchanged(mark)) {
                state.proof = mark;
            }
            return state;
        });
        if (changed.get() && tag.equals(ALL)) {
            cleared.run();
        }
        return learned;
    }

    private interface Change {
        State apply(String tag, @Nullable State old);
    }

    private State kept(String tag, Change change) {
        State state = known.asMap().compute(tag, change::apply);
        if (state == null) {
            throw new IllegalStateException("no state"); // a change never returns null
        }
        recent.put(tag, state);
        return state;
    }

    /** Counts, then takes the proof away, in this order; see {@link Coherence}. */
    void invalidated(String tag) {
        coherence.tagInvalidated(tag);
        State unused = known.asMap().computeIfPresent(tag, (key, state) -> {
            state.proof = null;
            return source == null ? null : state; // without a source nobody could say later that nothing has changed
        });
    }
}
