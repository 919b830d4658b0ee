// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Alert rules as the YAML that Prometheus reads. Every text is quoted as in JSON, which YAML understands. */
final class RuleFile {
    private RuleFile() {}

    static String of(String group, Duration interval, List<AlertRule> rules, long minimumEvents) {
        StringBuilder out = new StringBuilder("groups:\n  - name: ").append(quoted(group));
        out.append("\n    interval: ").append(AlertRule.duration(interval)).append("\n    rules:");
        for (AlertRule rule : rules) {
            out.append("\n      - alert: ").append(quoted(rule.name));
            out.append("\n        expr: ").append(quoted(rule.expression(minimumEvents)));
            if (!rule.lasting.isZero()) {
                out.append("\n        for: ").append(AlertRule.duration(rule.lasting));
            }
            out.append("\n        labels:\n          severity: ")
                    .append(rule.severity.name().toLowerCase(Locale.ROOT));
            out.append("\n        annotations:\n          summary: ").append(quoted(rule.summary()));
        }
        return out.append(rules.isEmpty() ? " []\n" : "\n").toString();
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                out.append(c);
            } else {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        return out.append('"').toString();
    }
}
