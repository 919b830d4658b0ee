module com.example.consumer {
    requires io.github.pentalith.resilience;
}
