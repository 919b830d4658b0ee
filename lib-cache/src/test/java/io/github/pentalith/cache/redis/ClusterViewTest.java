// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;

class ClusterViewTest {
    private static final String MYSELF = "a1 127.0.0.1:7001@17001,host-a myself,master - 0 0 1 connected 0-99 200\n";

    private static ClusterView view(String more) {
        return ClusterView.parse(MYSELF + more, "asked.example");
    }

    @Test
    void parse_mastersWithRangesAndSingleSlots_areOwners() {
        ClusterView view = view("b2 10.0.0.2:7002@17002 master - 0 0 2 connected 100-199 300-301\n");
        assertThat(view.isMaster()).isTrue();
        assertThat(view.own().stream()).hasSize(101).contains(0, 99, 200);
        HostAndPort[] owners = view.owners();
        assertThat(owners).hasSize(ClusterView.SLOTS);
        assertThat(owners[99]).isEqualTo(new HostAndPort("host-a", 7001));
        assertThat(owners[199]).isEqualTo(new HostAndPort("10.0.0.2", 7002));
        assertThat(owners[301]).isEqualTo(new HostAndPort("10.0.0.2", 7002));
        assertThat(owners[302]).isNull();
    }

    @Test
    void parse_slotsOnTheirWay_stayWithTheirOwner() {
        ClusterView view = view("b2 10.0.0.2:7002@17002 master - 0 0 2 connected 100-199 [150->-a1] [7-<-a1]\n");
        assertThat(view.slots().get("b2").cardinality()).isEqualTo(100);
    }

    @Test
    void parse_nodesThatDoNotServe_areLeftOut() {
        ClusterView view = view("""
                b2 10.0.0.2:7002@17002 master,fail - 0 0 2 disconnected 100-199
                c3 10.0.0.3:7003@17003 slave a1 0 0 3 connected
                d4 10.0.0.4:7004@17004 handshake - 0 0 0 connected
                e5 10.0.0.5:7005@17005 master,handshake - 0 0 0 connected
                f6 :0@0 master,noaddr - 0 0 6 disconnected 300-400
                g7 nowhere master - 0 0 7 connected 500
                short line
                """);
        assertThat(view.masters()).containsOnlyKeys("a1");
        assertThat(view.owners()[150]).isNull();
    }

    @Test
    void parse_aNodeThatDoesNotKnowItsOwnAddress_hasTheOneThatWasAsked() {
        ClusterView view = ClusterView.parse("a1 :7001 myself,master - 0 0 1 connected", "asked.example");
        assertThat(view.masters()).containsEntry("a1", new HostAndPort("asked.example", 7001));
        assertThat(view.own().isEmpty()).isTrue();
    }

    @Test
    void parse_withMoreFieldsThanAName_takesTheAddress() {
        String field = "a1 10.0.0.1:7001@17001,shard-id=9 myself,master - 0 0 1 connected";
        String empty = "a1 10.0.0.1:7001@17001, myself,master - 0 0 1 connected";
        assertThat(ClusterView.parse(field, "x").masters()).containsEntry("a1", new HostAndPort("10.0.0.1", 7001));
        assertThat(ClusterView.parse(empty, "x").masters()).containsEntry("a1", new HostAndPort("10.0.0.1", 7001));
    }

    @Test
    void parse_askedOfAReplica_isNoMasterAndHasNoSlots() {
        ClusterView view = ClusterView.parse("c3 10.0.0.3:7003@17003 myself,slave a1 0 0 3 connected", "x");
        assertThat(view.isMaster()).isFalse();
        assertThat(view.own().isEmpty()).isTrue();
    }

    @Test
    void parse_anythingElse_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClusterView.parse("ERR This instance has cluster support disabled", "x"))
                .withMessage("not an answer of CLUSTER NODES");
    }
}
