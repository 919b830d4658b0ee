// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;

final class SlotPlacement implements Placement {
    @Override
    public Placement over(List<Node> nodes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Node> nodes() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int locate(long hash) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int replicas(long hash, int[] into) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Properties properties() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String id() {
        throw new UnsupportedOperationException();
    }
}
