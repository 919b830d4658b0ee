// SPDX-License-Identifier: Apache-2.0
/**
 * Seeded discrete-event simulation on virtual time: servers with queues, open and closed load, measurements. Start from
 * {@link io.github.pentalith.testkit.simulation.Simulation}.
 */
@NullMarked
package io.github.pentalith.testkit.simulation;

import org.jspecify.annotations.NullMarked;
