// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;

/**
 * The JSON file of a library.
 *
 * @param schema 1
 * @param env where the figures come from
 * @param rows times and allocations
 * @param footprints sizes of objects in memory
 */
record Report(int schema, Environment env, List<Row> rows, List<Size> footprints) {
    /**
     * How much memory something takes.
     *
     * @param what the thing
     * @param subject whose
     * @param params how big
     * @param bytes the object and all that only it reaches
     */
    record Size(String what, String subject, Map<String, String> params, long bytes) {}

    String toJson() {
        try {
            // One row a line, so that a change of figures can be read as a difference of two versions.
            ObjectMapper mapper = new ObjectMapper();
            StringBuilder json = new StringBuilder();
            json.append("{\"schema\":").append(schema);
            json.append(",\n \"env\":").append(mapper.writeValueAsString(env));
            json.append(",\n \"rows\":[").append(lines(mapper, rows)).append(']');
            json.append(",\n \"footprints\":[")
                    .append(lines(mapper, footprints))
                    .append("]}\n");
            return json.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String lines(ObjectMapper mapper, List<?> values) throws JsonProcessingException {
        StringBuilder lines = new StringBuilder();
        for (Object value : values) {
            lines.append(lines.isEmpty() ? "\n  " : ",\n  ").append(mapper.writeValueAsString(value));
        }
        return lines.toString();
    }
}
