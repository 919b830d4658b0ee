// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.ResilienceMetrics;
import io.github.pentalith.metrics.export.Exposition;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.metrics.health.HealthReport;
import io.github.pentalith.resilience.RejectedCallException;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class DatabaseTest {
    @Test
    void show_breakerOpen_degradesReadinessButKeepsIt() {
        try (MetricRegistry metrics = MetricRegistry.of("test");
                HealthRegistry health = HealthRegistry.of("test");
                Database database = Database.open(
                        "test", "s0", Address.jdbc("jdbc:h2:mem:breaker"), ResilienceMetrics.observer(metrics))) {
            database.show(metrics, health);
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> database.once(DatabaseTest::fail)).isInstanceOf(Exception.class);
            }
            assertThatThrownBy(() -> database.once(DatabaseTest::fail)).isInstanceOf(RejectedCallException.class);

            HealthReport report = health.report(HealthCheck.Group.READINESS);

            assertThat(report.status()).isEqualTo(Health.Status.DEGRADED);
            assertThat(report.httpStatus()).isEqualTo(200);
            assertThat(Exposition.prometheus().text(metrics))
                    .contains("pentalith_breaker_state{breaker=\"s0\",state=\"open\"} 1\n");
        }
    }

    private static Void fail(Connection connection) throws SQLException {
        throw new SQLException("connection lost", "08006");
    }
}
