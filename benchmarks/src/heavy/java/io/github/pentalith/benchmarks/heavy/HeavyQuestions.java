// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.heavy;

import io.github.pentalith.benchmarks.Questions;
import java.util.List;

/** What is asked of peers that bring a framework with them. */
public final class HeavyQuestions implements Questions.More {
    @Override
    public List<Class<?>> questions() {
        return List.of(HeavyPick.class, HeavyRetry.class, HeavyNearHit.class, HeavyRemoteGet.class);
    }
}
