// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pentalith.cache.json.JsonCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes that caches of other processes, versions and Java releases read: frozen in a file. */
class WireFormatTest {
    private static final Path GOLDEN = Path.of("src/test/resources/wire-format-1.txt");

    enum Plan {
        FREE,
        TEAM
    }

    record Event(long id, String kind, String user, int count, boolean seen, List<String> tags, long at) {}

    record Account(UUID id, String email, Plan plan, Optional<String> company, int seats, boolean active) {}

    record Line(String sku, int quantity, long cents) {}

    record Order(long number, String customer, List<Line> lines, String currency, long createdAt) {}

    record Session(String user, long expires, Map<String, String> attributes) {}

    private static Event event(int i) {
        return new Event(
                123_456_789L + i,
                "page.view",
                "u-2039" + i,
                i,
                i % 2 == 0,
                List.of("new", "eu"),
                1_790_000_000_000L + i);
    }

    private static Account account(int i) {
        return new Account(
                new UUID(0x0123456789abcdefL, i),
                "ann" + i + "@example.org",
                Plan.TEAM,
                Optional.of("Example"),
                12,
                true);
    }

    private static Order order(int i) {
        return new Order(
                900_000 + i,
                "c-" + i,
                List.of(new Line("sku-1", 2, 1_999), new Line("sku-77", 1, 45_000)),
                "EUR",
                1_790_000_000_000L);
    }

    private static Session session(int i) {
        return new Session("u-" + i, 1_790_000_000_000L, Map.of("locale", "de-CH"));
    }

    /** A name and the bytes of a value, with all that is before them. */
    private static Map<String, String> encoded() {
        Map<String, String> all = new LinkedHashMap<>();
        add(all, "string", String.class, "caf\u00e9 \ud83d\ude00");
        add(all, "negative", String.class, null);
        add(all, "long", Long.class, -1_790_000_000_000L);
        add(all, "bytes", byte[].class, new byte[] {0, 1, -1});
        add(all, "event", Event.class, event(1));
        add(all, "account", Account.class, account(1));
        add(all, "order", Order.class, order(1));
        add(all, "session", Session.class, session(1));
        all.put("json", hex(new Wire<>(JsonCodec.of(Line.class)).encode(new Line("sku-1", 2, 1_999))));
        return all;
    }

    private static <T> void add(Map<String, String> all, String name, Class<T> type, T value) {
        all.put(name, hex(new Wire<>(Codec.of(type)).encode(value)));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Made once with {@code -Dgolden.update=true}; a change of it is a new format, for which the magic must change too. */
    @Test
    void bytes_ofEveryKind_areAsTheyWere() throws Exception {
        List<String> lines = new ArrayList<>();
        encoded().forEach((name, bytes) -> lines.add(name + " " + bytes));
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.write(GOLDEN, lines);
        }
        assertThat(Files.readAllLines(GOLDEN)).isEqualTo(lines);
    }

    @Test
    void frozenBytes_ofEveryKind_areStillRead() throws Exception {
        Map<String, byte[]> frozen = new LinkedHashMap<>();
        for (String line : Files.readAllLines(GOLDEN)) {
            int space = line.indexOf(' ');
            frozen.put(line.substring(0, space), HexFormat.of().parseHex(line.substring(space + 1)));
        }
        assertThat(new Wire<>(Codec.of(String.class)).decode(frozen.get("string")))
                .isEqualTo("caf\u00e9 \ud83d\ude00");
        assertThat(new Wire<>(Codec.of(String.class)).decode(frozen.get("negative")))
                .isNull();
        assertThat(new Wire<>(Codec.of(Event.class)).decode(frozen.get("event")))
                .isEqualTo(event(1));
        assertThat(new Wire<>(Codec.of(Account.class)).decode(frozen.get("account")))
                .isEqualTo(account(1));
        assertThat(new Wire<>(Codec.of(Order.class)).decode(frozen.get("order")))
                .isEqualTo(order(1));
        assertThat(new Wire<>(Codec.of(Session.class)).decode(frozen.get("session")))
                .isEqualTo(session(1));
        assertThat(new Wire<>(JsonCodec.of(Line.class)).decode(frozen.get("json")))
                .isEqualTo(new Line("sku-1", 2, 1_999));
        for (int i = 0; i < Wire.HEADER; i++) { // the header: magic and format, flags, codec, schema, checksum
            byte[] future = frozen.get("event").clone();
            future[i]++;
            assertThatThrownBy(() -> new Wire<>(Codec.of(Event.class)).decode(future))
                    .as("byte %d", i)
                    .isInstanceOf(RuntimeException.class);
        }
        assertThat(hex(frozen.get("event"))).startsWith("c2" + "00" + "01");
        assertThat(hex(frozen.get("negative"))).startsWith("c2" + "01" + "01").hasSize(2 * Wire.HEADER);
        assertThat(hex(frozen.get("json"))).startsWith("c2" + "00" + "02");
    }

    /** Twenty records of four kinds, and their JSON as Jackson writes it. */
    @Test
    void records_takeHalfOfTheirJson() throws Exception {
        ObjectMapper mapper = com.fasterxml.jackson.databind.json.JsonMapper.builder()
                .findAndAddModules()
                .build();
        long ours = 0;
        long json = 0;
        for (int i = 0; i < 5; i++) {
            for (Object value : List.of(event(i), account(i), order(i), session(i))) {
                int small = bytes(value.getClass(), value);
                // Jackson needs a module of its own for Optional; its JSON would be that of the content.
                Object plain = value instanceof Account a
                        ? Map.of(
                                "id", a.id(), "email", a.email(), "plan", a.plan(), "company", "Example", "seats", 12,
                                "active", true)
                        : value;
                int large = mapper.writeValueAsBytes(plain).length;
                if (i == 0) {
                    System.out.printf(
                            "%s: %d bytes, JSON %d (%.2f)%n",
                            value.getClass().getSimpleName(), small, large, (double) small / large);
                }
                ours += small;
                json += large;
            }
        }
        System.out.printf("20 records: %d bytes, JSON %d (%.2f)%n", ours, json, (double) ours / json);
        assertThat(ours).isLessThanOrEqualTo(json / 2);
    }

    @SuppressWarnings("unchecked")
    private static <T> int bytes(Class<T> type, Object value) {
        return Codec.of(type).encode((T) value).length;
    }

    @Test
    void json_ofALine_isLegible() {
        assertThat(new String(JsonCodec.of(Line.class).encode(new Line("s", 1, 2)), StandardCharsets.UTF_8))
                .isEqualTo("{\"sku\":\"s\",\"quantity\":1,\"cents\":2}");
    }
}
