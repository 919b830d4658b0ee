// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.shortener.Client.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that make links of all kinds, follow them, look at them and delete them, and know what each answer must be. No
 * two of them change the same link.
 */
final class Traffic {
    private final List<Client> nodes;
    private final Client front;
    private final int clients;
    private final Map<String, String> urlByCode = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> clicksByCode = new ConcurrentHashMap<>();
    private final Map<String, String> codeByUser = new ConcurrentHashMap<>(); // of the one URL that each user has
    private final Set<String> deleted = ConcurrentHashMap.newKeySet();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicLong checks = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    Traffic(Shortener shortener, int clients) {
        this.nodes = shortener.nodeUrls().stream().map(Client::new).toList();
        this.front = new Client(shortener.frontUrl());
        this.clients = clients;
    }

    /** Makes links before anything else happens. */
    void seed(int links) throws Exception {
        for (int i = 0; i < links; i++) {
            make(front, "seed-" + i, new SplittableRandom(i));
        }
        assertThat(wrong).isEmpty();
    }

    void start() {
        for (int i = 0; i < clients; i++) {
            int number = i;
            Thread thread = new Thread(() -> run(number), "traffic-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void run(int number) {
        SplittableRandom random = new SplittableRandom(number);
        List<String> own = new ArrayList<>(); // codes that only this client deletes
        for (int i = 0; !stopping; i++) {
            try {
                int dice = random.nextInt(200);
                if (dice < 6) {
                    String code = make(front, "t" + number + "-" + i, random);
                    if (code != null) {
                        own.add(code);
                    }
                } else if (dice < 7 && own.size() > 5) {
                    delete(own.remove(random.nextInt(own.size())));
                } else if (dice < 10) {
                    again(random);
                } else {
                    follow(random);
                }
            } catch (Exception e) {
                wrong.add(e.toString());
            }
        }
    }

    private String make(Client client, String name, SplittableRandom random) throws Exception {
        String url = "https://example.com/" + name;
        int kind = random.nextInt(3);
        Answer answer = switch (kind) {
            case 0 -> client.post("{'longUrl':'" + url + "'}");
            case 1 -> client.post("{'longUrl':'" + url + "','alias':'a-" + name + "'}");
            default -> client.post("{'longUrl':'" + url + "'}", "X-User-Id", "user-" + name);
        };
        check(answer.status() == 201, "made", answer);
        if (answer.status() == 503) {
            return null;
        }
        String code = answer.text("code");
        clicksByCode.put(code, new AtomicInteger());
        urlByCode.put(code, url);
        if (kind == 2) {
            codeByUser.put(name, code);
        }
        if (kind == 1) { // taken for everybody, at once
            check(
                    front.post("{'longUrl':'https://e.org','alias':'a-" + name + "'}")
                                    .status()
                            == 409,
                    "taken",
                    answer);
        }
        return code;
    }

    private void follow(SplittableRandom random) throws Exception {
        String code = any(urlByCode, random);
        String url = urlByCode.get(code);
        if (url == null) {
            return;
        }
        // Mostly at a node: the cache of one forgets less than three; and some past all caches.
        if (random.nextInt(4) == 0) {
            Answer looked = nodes.get(random.nextInt(nodes.size())).get("/api/v1/urls/" + code);
            boolean isGone = deleted.contains(code);
            check(isGone || looked.status() == 200 && url.equals(looked.text("longUrl")), "looked", looked);
        } else {
            Answer answer = front.get("/" + code);
            if (answer.status() == 302) {
                clicksByCode.get(code).incrementAndGet();
            }
            boolean isGone = deleted.contains(code);
            check(
                    isGone || answer.status() == 302 && url.equals(answer.header("location")),
                    "followed " + code,
                    answer);
        }
    }

    private void again(SplittableRandom random) throws Exception {
        String name = any(codeByUser, random);
        if (name == null) {
            return;
        }
        String code = codeByUser.get(name);
        Answer answer = front.post("{'longUrl':'https://example.com/" + name + "'}", "X-User-Id", "user-" + name);
        boolean isGone = code == null || deleted.contains(code) || !code.equals(codeByUser.get(name));
        check(isGone || answer.status() == 200 && code.equals(answer.text("code")), "had " + code, answer);
        if (isGone && answer.status() == 201) { // a new one, which nobody else knows
            deleted.remove(answer.text("code"));
        }
    }

    private void delete(String code) throws Exception {
        String url = urlByCode.get(code);
        String name = url.substring("https://example.com/".length());
        boolean owned = code.equals(codeByUser.get(name));
        deleted.add(code);
        codeByUser.remove(name);
        urlByCode.remove(code);
        Answer answer = owned
                ? front.send("DELETE", "/api/v1/urls/" + code, null, "X-User-Id", "user-" + name)
                : front.send("DELETE", "/api/v1/urls/" + code, null);
        check(answer.status() == 204, "deleted", answer);
        if (answer.status() == 503) { // perhaps deleted, perhaps not
            deleted.remove(code);
            return;
        }
        for (Client node : nodes) {
            Answer gone = node.get("/api/v1/urls/" + code);
            check(gone.status() == 404, "gone", gone);
        }
    }

    private static String any(Map<String, String> map, SplittableRandom random) {
        int skip = random.nextInt(Math.max(1, Math.min(50, map.size())));
        // Maps iterate from the start of their table; enough of a mixture, as new ones are hashed anywhere.
        var keys = map.keySet().iterator();
        String key = null;
        for (int i = 0; i <= skip && keys.hasNext(); i++) {
            key = keys.next();
        }
        return key;
    }

    private void check(boolean isRight, String what, Answer answer) {
        if (answer.status() == 503) { // a machine with too much to do says so; that is no wrong answer, and no check
            refused.incrementAndGet();
            return;
        }
        checks.incrementAndGet();
        if (!isRight) {
            wrong.add(what + ": " + answer);
        }
    }

    long checks() {
        return checks.get();
    }

    void awaitChecks(long number) {
        await().atMost(Duration.ofMinutes(10)).until(() -> checks.get() >= number || !wrong.isEmpty());
    }

    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    Queue<String> wrong() {
        return wrong;
    }

    Set<String> known() {
        return urlByCode.keySet();
    }

    void assertEverythingAtEveryNode() throws Exception {
        assertEverything(front, nodes);
    }

    void assertEverything(Shortener shortener) throws Exception {
        Client client = new Client(shortener.frontUrl());
        assertEverything(client, List.of(client));
    }

    /** Each link leads where it should, has its clicks and its owner; what was deleted is gone. */
    private void assertEverything(Client client, List<Client> readers) throws Exception {
        for (Map.Entry<String, String> link : urlByCode.entrySet()) {
            for (Client reader : readers) {
                Answer answer = reader.send("HEAD", "/" + link.getKey(), null);
                assertThat(answer.status()).as("%s -> %s", link, answer).isEqualTo(302);
                assertThat(answer.header("location")).isEqualTo(link.getValue());
            }
            int clicks = clicksByCode.get(link.getKey()).get();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(client.get("/api/v1/urls/" + link.getKey())
                                    .json()
                                    .path("clicks")
                                    .asInt())
                            .as("clicks of " + link.getKey())
                            .satisfies(seen -> {
                                if (refused.get() == 0) {
                                    assertThat(seen).isEqualTo(clicks);
                                } else { // a click that the front tried twice
                                    assertThat(seen).isGreaterThanOrEqualTo(clicks);
                                }
                            }));
        }
        for (String code : deleted) {
            assertThat(client.get("/" + code).status()).as(code).isEqualTo(404);
        }
        for (Map.Entry<String, String> entry : codeByUser.entrySet()) {
            Answer answer = client.post(
                    "{'longUrl':'" + urlByCode.get(entry.getValue()) + "'}", "X-User-Id", "user-" + entry.getKey());
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text("code")).isEqualTo(entry.getValue());
        }
    }
}
