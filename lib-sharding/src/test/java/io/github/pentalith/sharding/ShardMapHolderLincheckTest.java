// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** The holder is linearizable: it behaves as if its operations happened one after another. */
@Param(name = "epoch", gen = IntGen.class, conf = "1:6")
public class ShardMapHolderLincheckTest {
    private static final HashShardMap<Long>[] MAPS = maps();

    private final ShardMapHolder<HashShardMap<Long>> holder = ShardMapHolder.of("maps", MAPS[1]);

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static HashShardMap<Long>[] maps() {
        HashShardMap<Long>[] maps = new HashShardMap[32];
        for (int epoch = 1; epoch < maps.length; epoch++) {
            maps[epoch] = ShardMap.builder(KeyHasher.longs())
                    .placement(Placement.slots(16))
                    .nodes(List.of(Node.of("a")))
                    .epoch(epoch)
                    .build();
        }
        return maps;
    }

    @Operation
    public boolean publish(@Param(name = "epoch") int epoch) {
        return holder.publish(MAPS[epoch]);
    }

    @Operation
    public long current() {
        return holder.current().epoch();
    }

    @Operation
    public long update() {
        return holder.update(map -> MAPS[(int) map.epoch() + 1]).epoch();
    }

    @Test
    void operations_interleavedInAllWays_areLinearizable() {
        boolean longForm = "long".equals(System.getProperty("pentalith.tests"));
        new ModelCheckingOptions()
                .iterations(longForm ? 100 : 4)
                .invocationsPerIteration(longForm ? 10_000 : 200)
                .threads(3)
                .actorsPerThread(longForm ? 3 : 2)
                .check(ShardMapHolderLincheckTest.class);
    }
}
