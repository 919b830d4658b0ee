module com.example.consumer {
    requires io.github.pentalith.metrics;
    requires io.github.pentalith.resilience; // of the four libraries that can be bound, this one alone
}
