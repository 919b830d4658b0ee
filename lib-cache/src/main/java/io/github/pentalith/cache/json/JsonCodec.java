// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pentalith.cache.Codec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A codec that writes JSON by Jackson: for classes that are not records, for bytes that other programs read, and for
 * values whose shape changes often. {@link Codec#of} takes half the bytes and a fraction of the time.
 *
 * <p>Thread-safe. The reader decides what is made of the bytes: a mapper that would take class names from them (default
 * typing) is refused. An {@code @JsonTypeInfo} with class names on your own types is not seen by that check; use names of
 * your choice instead.
 *
 * <p><b>Changes of the type.</b> The schema is that of the name of the type and of {@link #schema(int)}. Properties that
 * this process does not know are ignored and those that are missing keep their defaults, so old and new processes read
 * each other's values; where that is wrong, change the schema: bytes of another one are a miss.
 *
 * <p><b>Failure.</b> What cannot be decoded is a miss, what cannot be encoded is not stored; both are counted by the
 * cache.
 *
 * <pre>{@code
 * TieredCache.<String, Page>builder("pages").codecs(Codec.of(String.class), JsonCodec.of(Page.class))
 * }</pre>
 *
 * @param <T> the type of the values
 */
public final class JsonCodec<T> implements Codec<T> {
    private static final int ID = 2;

    private final JavaType type;
    private final ObjectWriter writer;
    private final ObjectReader reader;
    private final int schema;

    private JsonCodec(JavaType type, ObjectWriter writer, ObjectReader reader, int schema) {
        this.type = type;
        this.writer = writer;
        this.reader = reader;
        this.schema = schema;
    }

    /**
     * Returns the codec of a type, with a mapper that has found its modules on the class path.
     *
     * @param <T> the type
     * @param type the type
     * @return the codec
     */
    public static <T> JsonCodec<T> of(Class<T> type) {
        ObjectMapper mapper = JsonMapper.builder()
                .findAndAddModules()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
        return of(mapper, mapper.constructType(Objects.requireNonNull(type, "type")));
    }

    /**
     * Returns the codec of any type, with a mapper of your own, whose settings count as they are now.
     *
     * @param <T> the type
     * @param mapper the mapper
     * @param type the type, such as {@code mapper.getTypeFactory().constructCollectionType(List.class, User.class)}
     * @return the codec
     * @throws IllegalArgumentException if the mapper takes class names from what it reads
     */
    public static <T> JsonCodec<T> of(ObjectMapper mapper, JavaType type) {
        if (mapper.getDeserializationConfig().getDefaultTyper(type) != null) {
            throw new IllegalArgumentException("mapper must not take class names from bytes: type=" + type.toCanonical()
                    + " (expected: no default typing)");
        }
        ObjectReader reader = mapper.readerFor(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        return new JsonCodec<>(
                type, mapper.writerFor(type), reader, type.toCanonical().hashCode());
    }

    /**
     * Returns this codec with another schema, so that what was stored until now is a miss.
     *
     * @param version a number of yours
     * @return the changed codec
     */
    public JsonCodec<T> schema(int version) {
        return new JsonCodec<>(type, writer, reader, type.toCanonical().hashCode() * 31 + version);
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int schema() {
        return schema;
    }

    @Override
    public byte[] encode(T value) {
        try {
            return writer.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public T decode(ByteBuffer bytes) {
        byte[] json = new byte[bytes.remaining()];
        bytes.get(json);
        try {
            T value = reader.readValue(json);
            if (value == null) {
                throw new IllegalArgumentException("null is no value: type=" + type.toCanonical());
            }
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the type. */
    @Override
    public String toString() {
        return "JsonCodec[" + type.toCanonical() + "]";
    }
}
