// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import com.dynatrace.hash4j.consistent.ConsistentBucketHasher;
import com.dynatrace.hash4j.consistent.ConsistentHashing;
import java.util.List;

/**
 * JumpBackHash by hash4j: a bucket number without any table, for nodes that come and go only at the end of the list.
 *
 * <p>The form on SplitMix64 is the one that forgives hashes that are not well mixed, and is documented as safe for
 * threads.
 *
 * <p>Source: O. Ertl, "JumpBackHash: Say Goodbye to the Modulo Operation to Distribute Keys Uniformly to Buckets",
 * Software: Practice and Experience 55(3), 2025, doi:10.1002/spe.3385.
 */
final class JumpBackPlacement extends FirstOwnerPlacement {
    private static final ConsistentBucketHasher HASHER = ConsistentHashing.jumpBackHashSplitMix64();

    JumpBackPlacement(Node[] nodes) {
        super("jumpBack", nodes);
    }

    @Override
    public Placement over(List<Node> newNodes) {
        Node[] next = Node.listed(newNodes);
        requireEqualWeights("jumpBack", next);
        for (int i = 0; i < Math.min(nodes.length, next.length); i++) {
            if (!nodes[i].id().equals(next[i].id())) {
                throw new IllegalArgumentException("nodes must come and go at the end of the list for jumpBack: id="
                        + next[i].id() + " at index " + i + " (expected: " + nodes[i].id() + ")");
            }
        }
        return new JumpBackPlacement(next);
    }

    @Override
    public int locate(long hash) {
        if (nodes.length == 0) {
            throw bare();
        }
        return HASHER.getBucket(hash, nodes.length);
    }

    @Override
    public Properties properties() {
        return new Properties(true, false, false, false, false, "O(1): less than two random numbers; no table");
    }
}
