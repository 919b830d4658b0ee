// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.loadbalance;

import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.SynchronizationContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;

/** gRPC's own {@code round_robin} over subchannels that are ready at once, without a network. */
final class GrpcRoundRobin {
    private GrpcRoundRobin() {}

    static SubchannelPicker picker(int endpoints) {
        ReadyHelper helper = new ReadyHelper();
        LoadBalancer balancer = LoadBalancerRegistry.getDefaultRegistry()
                .getProvider("round_robin")
                .newLoadBalancer(helper);
        List<EquivalentAddressGroup> addresses = IntStream.range(0, endpoints)
                .mapToObj(
                        i -> new EquivalentAddressGroup(InetSocketAddress.createUnresolved(PickEndpoint.host(i), 8080)))
                .toList();
        helper.context.execute(() -> balancer.acceptResolvedAddresses(LoadBalancer.ResolvedAddresses.newBuilder()
                .setAddresses(addresses)
                .build()));
        if (helper.state != ConnectivityState.READY) {
            throw new IllegalStateException("gRPC's balancer is not ready: state=" + helper.state);
        }
        return helper.picker;
    }

    private static final class ReadyHelper extends LoadBalancer.Helper {
        final SynchronizationContext context = new SynchronizationContext((thread, error) -> {
            throw new IllegalStateException(error);
        });
        final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "grpc-scheduler");
            thread.setDaemon(true);
            return thread;
        });
        ConnectivityState state;
        SubchannelPicker picker;

        @Override
        public LoadBalancer.Subchannel createSubchannel(LoadBalancer.CreateSubchannelArgs args) {
            return new ReadySubchannel(args.getAddresses(), args.getAttributes(), context);
        }

        @Override
        public void updateBalancingState(ConnectivityState newState, SubchannelPicker newPicker) {
            state = newState;
            picker = newPicker;
        }

        @Override
        public SynchronizationContext getSynchronizationContext() {
            return context;
        }

        @Override
        public ScheduledExecutorService getScheduledExecutorService() {
            return scheduler;
        }

        @Override
        public ChannelLogger getChannelLogger() {
            return new ChannelLogger() {
                @Override
                public void log(ChannelLogLevel level, String message) {}

                @Override
                public void log(ChannelLogLevel level, String format, Object... args) {}
            };
        }

        @Override
        public ManagedChannel createOobChannel(EquivalentAddressGroup address, String authority) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String getAuthority() {
            return "bench";
        }
    }

    private static final class ReadySubchannel extends LoadBalancer.Subchannel {
        private final List<EquivalentAddressGroup> addresses;
        private final Attributes attributes;
        private final SynchronizationContext context;
        private LoadBalancer.SubchannelStateListener listener;

        ReadySubchannel(List<EquivalentAddressGroup> addresses, Attributes attributes, SynchronizationContext context) {
            this.addresses = addresses;
            this.attributes = attributes;
            this.context = context;
        }

        @Override
        public void start(LoadBalancer.SubchannelStateListener newListener) {
            listener = newListener;
        }

        @Override
        public void requestConnection() {
            context.execute(
                    () -> listener.onSubchannelState(ConnectivityStateInfo.forNonError(ConnectivityState.READY)));
        }

        @Override
        public void shutdown() {}

        @Override
        public List<EquivalentAddressGroup> getAllAddresses() {
            return addresses;
        }

        @Override
        public Attributes getAttributes() {
            return attributes;
        }
    }
}
