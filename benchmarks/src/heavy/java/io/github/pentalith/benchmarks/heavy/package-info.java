// SPDX-License-Identifier: Apache-2.0
/** Spring, Dubbo, Ribbon, Redisson and Hazelcast beside us. */
@NullUnmarked // subjects are set up by JMH
package io.github.pentalith.benchmarks.heavy;

import org.jspecify.annotations.NullUnmarked;
