module com.example.consumer {
    requires io.github.pentalith.cache;
    requires redis.clients.jedis; // optional for lib-cache, so whoever uses its package redis names it
}
