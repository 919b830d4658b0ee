// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonCodecTest {
    /** Not a record: what the house's codec does not take. */
    public static class Page {
        public String title = "none";
        public int views;
    }

    /** As the next version of the program has it. */
    public static class NextPage extends Page {
        public String author = "nobody";
    }

    static class Closed {
        Object self() {
            return this;
        }
    }

    private static ByteBuffer json(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void values_ofAClass_comeBack() {
        Page page = new Page();
        page.title = "caf\u00e9";
        page.views = 3;
        JsonCodec<Page> codec = JsonCodec.of(Page.class);
        Page back = codec.decode(ByteBuffer.wrap(codec.encode(page)).asReadOnlyBuffer());
        assertThat(back).usingRecursiveComparison().isEqualTo(page);
        assertThat(codec).hasToString("JsonCodec[" + Page.class.getName() + "]");
    }

    @Test
    void values_ofAGenericType_comeBack() {
        ObjectMapper mapper = new ObjectMapper();
        JsonCodec<List<Long>> codec =
                JsonCodec.of(mapper, mapper.getTypeFactory().constructCollectionType(List.class, Long.class));
        assertThat(codec.decode(ByteBuffer.wrap(codec.encode(List.of(1L, 2L))))).containsExactly(1L, 2L);
    }

    @Test
    void shapes_ofOtherVersions_areRead() {
        JsonCodec<Page> old = JsonCodec.of(Page.class);
        JsonCodec<NextPage> next = JsonCodec.of(NextPage.class);
        assertThat(old.decode(ByteBuffer.wrap(next.encode(new NextPage()))).title)
                .isEqualTo("none");
        assertThat(next.decode(ByteBuffer.wrap(old.encode(new Page()))).author).isEqualTo("nobody");
    }

    @Test
    void schema_followsTypeAndNumber() {
        JsonCodec<Page> codec = JsonCodec.of(Page.class);
        assertThat(codec.id()).isEqualTo(2);
        assertThat(codec.schema()).isEqualTo(JsonCodec.of(Page.class).schema());
        assertThat(codec.schema()).isNotEqualTo(JsonCodec.of(NextPage.class).schema());
        assertThat(codec.schema(1).schema()).isNotEqualTo(codec.schema(2).schema());
        assertThat(codec.schema(1).decode(json("{\"title\":\"t\"}")).title).isEqualTo("t");
    }

    @Test
    void whatIsNoValue_isRefused() {
        JsonCodec<Page> codec = JsonCodec.of(Page.class);
        for (String bad : List.of("", "{", "[]", "{\"views\":\"many\"}", "{} {}", "\u0000")) {
            assertThatThrownBy(() -> codec.decode(json(bad))).as(bad).isInstanceOf(UncheckedIOException.class);
        }
        assertThatThrownBy(() -> codec.decode(json("null"))).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> JsonCodec.of(Closed.class).encode(new Closed()))
                .isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void mappers_thatTakeClassNames_areRefused() {
        ObjectMapper careless = JsonMapper.builder()
                .activateDefaultTyping(
                        BasicPolymorphicTypeValidator.builder()
                                .allowIfBaseType(Object.class)
                                .build(),
                        ObjectMapper.DefaultTyping.NON_FINAL)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonCodec.of(careless, careless.constructType(Page.class)))
                .withMessageStartingWith("mapper must not take class names from bytes");
    }
}
