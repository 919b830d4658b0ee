// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.openjdk.jol.info.GraphLayout;

/** How much memory one more of a thing takes: all that it reaches and that another one of its kind does not. */
final class Footprints {
    private Footprints() {}

    static List<Report.Size> of(String library) {
        return List.of();
    }

    static Report.Size size(String what, String subject, Map<String, String> params, Supplier<?> maker) {
        Object first = maker.get();
        Object second = maker.get();
        long bytes = GraphLayout.parseInstance(second)
                .subtract(GraphLayout.parseInstance(first))
                .totalSize();
        return new Report.Size(what, subject, params, bytes);
    }
}
