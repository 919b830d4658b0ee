// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Where ten thousand hashes live, frozen. If this fails, programs of two versions, or on two JDKs, place differently:
 * the build runs it on 17 and on 25.
 */
class PlacementGoldenTest {
    private static List<Node> nodes(boolean weighted) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 37; i++) {
            Node node = Node.of("node-" + i + (i % 5 == 0 ? ".größe" : ".example"));
            node = weighted ? node.weight(1 + i * i % 23) : node;
            nodes.add(i % 4 == 3 ? node : node.zone("zone-" + i % 3));
        }
        return nodes;
    }

    @ParameterizedTest
    @CsvSource({
        "slots/65536, true, 3989604697",
        "ring/160, true, 923378321",
        "rendezvous, true, 739397893",
        "rendezvous, false, 4013391878",
        "jumpBack, false, 3688581284",
        "maglev/65537, true, 686717216",
        "modulo, false, 1778015873"
    })
    void owners_ofTenThousandHashes_neverChange(String id, boolean weighted, long checksum) {
        Placement choice = NodeTable.choice(id);
        assertThat(choice).isNotNull();
        Placement table = choice.over(nodes(weighted));
        if (table.properties().weighted()) {
            table = table.over(Topologies.with(table.nodes(), Node.of("new").zone("zone-9")));
        }
        CRC32C crc = new CRC32C();
        SplittableRandom random = new SplittableRandom(26);
        int[] owners = new int[3];
        for (int i = 0; i < 10_000; i++) {
            table.replicas(random.nextLong(), owners);
            for (int owner : owners) {
                crc.update(ByteBuffer.allocate(4).putInt(owner).flip());
            }
        }
        assertThat(crc.getValue()).isEqualTo(checksum);
    }
}
