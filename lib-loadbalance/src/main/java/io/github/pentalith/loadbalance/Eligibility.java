// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From the states of all nodes to the table that picks read. Used by the rebuilding thread only, one call at a time.
 *
 * <p>In this order: what is drained or has nothing attached is out. Each <b>priority</b> decides which states it may use
 * (ready; pending ones too, if too few are ready; all of them in panic), and gets its share of the load ({@link Shares}).
 * Within a priority the <b>zones</b> by their distance get theirs in the same way. Within such a group the policy decides,
 * over weights that are lower while a node warms up. A group that warms up as a whole has less capacity, so slow start also
 * holds for a zone or a priority of a single endpoint.
 */
final class Eligibility<T> {
    private static final int COLDEST = 10; // per cent
    private static final int FARTHEST = 2;
    private static final char REGION_END = '/';

    private final Settings<T> settings;
    private final Draw draw;
    private final Map<Integer, Picker.Chooser> choosers = new HashMap<>(); // a memory for each group, by rank
    private boolean serving; // the last table had nodes that were ready

    Eligibility(Settings<T> settings, Draw draw) {
        this.settings = settings;
        this.draw = draw;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static <T> Node<T>[] array(int length) {
        return new Node[length];
    }

    /** The usable nodes of one priority. */
    private static final class Level<T> {
        final List<Node<T>> nodes = new ArrayList<>();
        int ready;
        int pending;
        LoadBalancer.State worst = LoadBalancer.State.READY; // that may still be picked

        boolean uses(Node<T> node) {
            return node.state().compareTo(worst) <= 0;
        }
    }

    Fleet.Table<T> table(Node<T>[] all, boolean others, long now) {
        Map<Integer, Level<T>> byPriority = new TreeMap<>();
        for (Node<T> node : all) {
            if (node.endpoint().weight() > 0 && node.usable()) {
                Level<T> level = byPriority.computeIfAbsent(node.endpoint().priority(), p -> new Level<>());
                level.nodes.add(node);
                LoadBalancer.State state = node.state();
                level.ready += state == LoadBalancer.State.READY ? 1 : 0;
                level.pending += state == LoadBalancer.State.PENDING ? 1 : 0;
            } else {
                node.inTable = false;
                node.warming = false;
            }
        }
        List<Level<T>> levels = new ArrayList<>(byPriority.values());
        double[] loads = loads(levels, others, now);
        List<Node<T>> nodes = new ArrayList<>(all.length);
        List<Picker> pickers = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        boolean panic = false;
        boolean warming = false;
        int rank = 0;
        for (int priority : byPriority.keySet()) {
            Level<T> level = levels.get(rank);
            double load = loads[rank++];
            for (Node<T> node : level.nodes) {
                warming |= node.warming;
            }
            if (load > 0) {
                panic |= level.worst == LoadBalancer.State.EJECTED;
                addGroups(level, priority, load, now, nodes, pickers, shares);
            }
        }
        serving = false;
        for (Node<T> node : nodes) {
            serving |= node.state() == LoadBalancer.State.READY;
        }
        if (nodes.isEmpty()) {
            return Fleet.Table.empty(reason(all));
        }
        Node<T>[] eligible = nodes.toArray(array(0));
        double[] parts = shares.stream().mapToDouble(share -> share).toArray();
        Picker picker = pickers.size() == 1
                ? pickers.get(0)
                : new SplitPick(eligible, pickers.toArray(new Picker[0]), parts, draw);
        double[] shareOf = new double[eligible.length];
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            int end = at + pickers.get(i).nodes.length;
            Arrays.fill(shareOf, at, end, parts[i]);
            at = end;
        }
        return new Fleet.Table<>(eligible, picker, NoEndpointException.Reason.EMPTY, panic, warming, shareOf);
    }

    /** What each priority uses, and its share of the load. */
    private double[] loads(List<Level<T>> levels, boolean others, long now) {
        int count = levels.size();
        double[] ready = new double[count];
        double[] warm = new double[count];
        int[] sizes = new int[count];
        boolean[] usePending = new boolean[count];
        for (int i = 0; i < count; i++) {
            Level<T> level = levels.get(i);
            int size = level.nodes.size();
            // Endpoints nobody has asked yet are hoped to be well before the sick ones are used.
            usePending[i] = level.ready == 0 || level.ready < settings.panicThreshold() * size;
            int hoped = level.ready + (usePending[i] ? level.pending : 0);
            sizes[i] = size;
            ready[i] = hoped / (double) (usePending[i] ? size : size - level.pending);
        }
        boolean[] panic = Shares.panic(ready, settings.overprovisioning(), settings.panicThreshold());
        for (int i = 0; i < count; i++) {
            Level<T> level = levels.get(i);
            level.worst = panic[i]
                    ? LoadBalancer.State.EJECTED
                    : usePending[i] ? LoadBalancer.State.PENDING : LoadBalancer.State.READY;
            double sum = 0;
            int used = 0;
            for (Node<T> node : level.nodes) {
                boolean chosen = level.uses(node);
                enter(node, chosen, panic[i], others, now);
                if (chosen) {
                    used++;
                    sum += warmth(node, now);
                }
            }
            warm[i] = used == 0 ? 0 : ready[i] * sum / (100.0 * used);
        }
        return Shares.loads(ready, warm, sizes, settings.overprovisioning(), settings.panicThreshold());
    }

    /**
     * Slow start begins when a node comes beside others that serve already, or is well again. One that came when nobody
     * served yet belongs to a new fleet and is not new to it, however long its first probe takes.
     */
    private void enter(Node<T> node, boolean chosen, boolean panic, boolean others, long now) {
        if (!node.seen) {
            node.seen = true;
            node.founder = !serving;
        }
        boolean well = node.state() == LoadBalancer.State.READY;
        boolean wasSick = node.told == LoadBalancer.State.UNHEALTHY || node.told == LoadBalancer.State.EJECTED;
        boolean fresh = wasSick || !(node.inTable || node.founder);
        if (settings.slowStart() > 0 && chosen && well && !panic && fresh) {
            node.warming = others;
            node.warmingSince = now;
        }
        node.founder &= !(chosen && well) && !wasSick;
        node.warming &= chosen;
        node.inTable = chosen;
    }

    /** What part of its share a node gets, in per cent. */
    private int warmth(Node<T> node, long now) {
        if (!node.warming) {
            return 100;
        }
        long age = Math.max(0, now - node.warmingSince);
        node.warming = age < settings.slowStart();
        return node.warming ? (int) Math.max(COLDEST, 100.0 * age / settings.slowStart()) : 100;
    }

    /** One group for each distance of zones, or a single one; groups without a share too, for retries. */
    private void addGroups(
            Level<T> level,
            int priority,
            double load,
            long now,
            List<Node<T>> nodes,
            List<Picker> pickers,
            List<Double> shares) {
        boolean zones = settings.zone() != null && level.worst != LoadBalancer.State.EJECTED;
        List<List<Node<T>>> members = new ArrayList<>();
        for (int distance = 0; distance <= FARTHEST; distance++) {
            members.add(new ArrayList<>());
        }
        for (Node<T> node : level.nodes) {
            members.get(zones ? distance(node.endpoint().zone()) : 0).add(node);
        }
        double[] parts = zones ? zoneShares(level, members, now) : new double[] {1, 0, 0};
        for (int distance = 0; distance <= FARTHEST; distance++) {
            List<Node<T>> used =
                    members.get(distance).stream().filter(level::uses).toList();
            if (!used.isEmpty()) {
                nodes.addAll(used);
                pickers.add(group(priority * (FARTHEST + 1) + distance, members.get(distance), used, now));
                shares.add(load * parts[distance]);
            }
        }
    }

    private Picker group(int rank, List<Node<T>> members, List<Node<T>> used, long now) {
        int[] weights = new int[used.size()];
        int[] warmth = new int[used.size()];
        boolean warm = true;
        for (int i = 0; i < weights.length; i++) {
            Node<T> node = used.get(i);
            weights[i] = node.endpoint().weight();
            warmth[i] = warmth(node, now);
            warm &= warmth[i] == 100;
        }
        Picker.Chooser chooser =
                choosers.computeIfAbsent(rank, r -> settings.policy().chooser(draw));
        return chooser.over(
                members.toArray(Eligibility.<T>array(0)),
                used.toArray(Eligibility.<T>array(0)),
                weights,
                warm ? null : warmth);
    }

    // Zones

    private double[] zoneShares(Level<T> level, List<List<Node<T>>> members, long now) {
        double[] capacities = new double[FARTHEST + 1];
        long near = 0;
        long all = 0;
        for (int distance = 0; distance <= FARTHEST; distance++) {
            double warm = 0;
            for (Node<T> node : members.get(distance)) {
                if (level.uses(node)) {
                    warm += warmth(node, now) / 100.0;
                    all += node.endpoint().weight();
                    near += distance == 0 ? node.endpoint().weight() : 0;
                }
            }
            int size = members.get(distance).size();
            capacities[distance] = size == 0 ? 0 : Math.min(1, settings.overprovisioning() * warm / size);
        }
        if (settings.zoneShare() > 0 && all > 0) {
            // Of this zone's requests so many stay as keeps its endpoints no busier than the others.
            capacities[0] = Math.min(capacities[0], near / (double) all / settings.zoneShare());
            if (near == all) {
                capacities[0] = 1;
            }
        }
        return Shares.flow(capacities);
    }

    /** 0: the same zone; 1: the same region, which is all before the last slash; 2: elsewhere. */
    private int distance(@Nullable String zone) {
        String own = settings.zone();
        if (zone == null || own == null) {
            return FARTHEST;
        }
        if (zone.equals(own)) {
            return 0;
        }
        int end = own.lastIndexOf(REGION_END);
        boolean sameRegion = end > 0 && zone.lastIndexOf(REGION_END) == end && zone.startsWith(own.substring(0, end));
        return sameRegion ? 1 : FARTHEST;
    }

    private static NoEndpointException.Reason reason(Node<?>[] all) {
        for (Node<?> node : all) {
            if (node.endpoint().weight() > 0) {
                return NoEndpointException.Reason.UNHEALTHY;
            }
        }
        return all.length == 0 ? NoEndpointException.Reason.EMPTY : NoEndpointException.Reason.DRAINED;
    }
}
