// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.heavy;

import com.netflix.loadbalancer.BaseLoadBalancer;
import com.netflix.loadbalancer.BestAvailableRule;
import com.netflix.loadbalancer.IRule;
import com.netflix.loadbalancer.RoundRobinRule;
import com.netflix.loadbalancer.Server;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.benchmarks.loadbalance.PickEndpoint;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.dubbo.common.URL;
import org.apache.dubbo.rpc.Invocation;
import org.apache.dubbo.rpc.Invoker;
import org.apache.dubbo.rpc.Result;
import org.apache.dubbo.rpc.RpcInvocation;
import org.apache.dubbo.rpc.cluster.LoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.LeastActiveLoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.RandomLoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.RoundRobinLoadBalance;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.SimpleObjectProvider;
import reactor.core.publisher.Flux;

/** Picking an endpoint out of 100 by the balancers of frameworks, as their clients call them. */
@State(Scope.Benchmark)
@Question(library = "heavy", id = "heavy-pick", title = "Picking an endpoint: frameworks", floor = "atomic-rotation")
public class HeavyPick {
    @Param({
        "pentalith-rotation",
        "pentalith-least-request",
        "atomic-rotation",
        "spring-rotation",
        "dubbo-random",
        "dubbo-rotation",
        "dubbo-least-active",
        "ribbon-rotation",
        "ribbon-least-request"
    })
    public String subject;

    @Param("100")
    public int endpoints;

    private Supplier<Object> picker;

    @Setup
    public void setUp() {
        picker = switch (subject) {
            case "spring-rotation" -> spring();
            case "dubbo-random" -> dubbo(new RandomLoadBalance());
            case "dubbo-rotation" -> dubbo(new RoundRobinLoadBalance());
            case "dubbo-least-active" -> dubbo(new LeastActiveLoadBalance());
            case "ribbon-rotation" -> ribbon(new RoundRobinRule());
            case "ribbon-least-request" -> ribbon(new BestAvailableRule());
            default -> PickEndpoint.picker(subject, endpoints);
        };
    }

    /** The list in memory: no cache, no health check, no discovery in front of it. */
    private Supplier<Object> spring() {
        List<ServiceInstance> instances = IntStream.range(0, endpoints)
                .<ServiceInstance>mapToObj(
                        i -> new DefaultServiceInstance("i" + i, "bench", "10.0.0." + i, 8080, false))
                .toList();
        ServiceInstanceListSupplier supplier = new ServiceInstanceListSupplier() {
            @Override
            public String getServiceId() {
                return "bench";
            }

            @Override
            public Flux<List<ServiceInstance>> get() {
                return Flux.just(instances);
            }
        };
        RoundRobinLoadBalancer balancer = new RoundRobinLoadBalancer(new SimpleObjectProvider<>(supplier), "bench");
        return () -> balancer.choose().block().getServer(); // as its blocking client does
    }

    private Supplier<Object> dubbo(LoadBalance balance) {
        List<Invoker<Runnable>> invokers = IntStream.range(0, endpoints)
                .<Invoker<Runnable>>mapToObj(i -> new Remote(URL.valueOf("dubbo://10.0.0." + i + ":8080/bench")))
                .toList();
        URL url = invokers.get(0).getUrl();
        RpcInvocation invocation = new RpcInvocation();
        invocation.setMethodName("run");
        return () -> balance.select(invokers, url, invocation);
    }

    /** A list in memory of which all are up, since nobody pings them. */
    private Supplier<Object> ribbon(IRule rule) {
        BaseLoadBalancer balancer = new BaseLoadBalancer(null, rule);
        balancer.setServersList(IntStream.range(0, endpoints)
                .mapToObj(i -> new Server("10.0.0." + i, 8080))
                .toList());
        rule.setLoadBalancer(balancer); // again: the constructor does so before the balancer has its statistics
        if (balancer.chooseServer(null) == null) {
            throw new IllegalStateException("a server was to be chosen");
        }
        return () -> balancer.chooseServer(null);
    }

    private record Remote(URL url) implements Invoker<Runnable> {
        @Override
        public Class<Runnable> getInterface() {
            return Runnable.class;
        }

        @Override
        public Result invoke(Invocation invocation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public URL getUrl() {
            return url;
        }

        @Override
        public boolean isAvailable() {
            return true;
        }

        @Override
        public void destroy() {}
    }

    @Benchmark
    public Object pick() {
        return picker.get();
    }
}
