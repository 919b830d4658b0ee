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
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
    private final long begun = Stall.now();
    private volatile boolean faults;
    private volatile boolean stopping;

    Traffic(Shortener shortener, int clients) {
        this.nodes = shortener.nodeUrls().stream().map(Client::new).toList();
        this.front = new Client(shortener.frontUrl());
        this.clients = clients;
    }

    /** Makes links before anything else happens. */
    void seed(int links) throws Exception {
        Set<String> numbers =
                IntStream.range(0, links).mapToObj(Integer::toString).collect(Collectors.toSet());
        forEach(numbers, i -> make(front, "seed-" + i, new SplittableRandom(Integer.parseInt(i))));
        assertThat(wrong).isEmpty();
    }

    /** From now on parts fail: an answer may be 503, which otherwise is wrong. */
    void tolerateRefusals() {
        faults = true;
    }

    long refused() {
        return refused.get();
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
        if (answer.status() != 201) {
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
            check(isGone || (looked.status() == 200 && url.equals(looked.text("longUrl"))), "looked", looked);
        } else {
            Answer answer = front.get("/" + code);
            if (answer.status() == 302) {
                clicksByCode.get(code).incrementAndGet();
            }
            boolean isGone = deleted.contains(code);
            check(
                    isGone || (answer.status() == 302 && url.equals(answer.header("location"))),
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
        check(isGone || (answer.status() == 200 && code.equals(answer.text("code"))), "had " + code, answer);
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
        if (answer.status() != 204) { // perhaps deleted, perhaps not
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
        if (answer.stalled() && List.of(200, 409).contains(answer.status()) && what.equals("made")) {
            refused.incrementAndGet(); // a link that was made, but not for us to know
            return;
        }
        if (answer.status() == 503 && faults) { // no wrong answer, and no check
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
        await().pollDelay(Duration.ZERO)
                .atMost(Duration.ofMinutes(10))
                .until(() -> checks.get() >= number || !wrong.isEmpty());
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
        Queue<String> strange = new ConcurrentLinkedQueue<>();
        forEach(urlByCode.keySet(), code -> {
            for (Client reader : readers) {
                Answer answer = reader.send("HEAD", "/" + code, null);
                if (answer.status() != 302 || !urlByCode.get(code).equals(answer.header("location"))) {
                    strange.add(code + " -> " + answer);
                }
            }
        });
        forEach(deleted, code -> {
            Answer answer = client.get("/" + code);
            if (answer.status() != 404) {
                strange.add(code + " was deleted -> " + answer);
            }
        });
        forEach(codeByUser.keySet(), name -> {
            String code = codeByUser.get(name);
            Answer answer = client.post("{'longUrl':'" + urlByCode.get(code) + "'}", "X-User-Id", "user-" + name);
            if (answer.status() != 200 || !code.equals(answer.text("code"))) {
                strange.add(name + " has " + code + " -> " + answer);
            }
        });
        assertThat(strange).isEmpty();
        assertClicks(client);
    }

    /** The nodes write clicks once a second; only those that are not right yet are asked for again. */
    private void assertClicks(Client client) {
        Set<String> left = ConcurrentHashMap.newKeySet();
        left.addAll(urlByCode.keySet());
        Queue<String> strange = new ConcurrentLinkedQueue<>();
        await().pollDelay(Duration.ZERO).atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            strange.clear();
            forEach(left, code -> {
                int clicks = clicksByCode.get(code).get();
                int seen =
                        client.get("/api/v1/urls/" + code).json().path("clicks").asInt();
                // More of them only if a fault was injected or the machine stood still: the front tried twice.
                if (seen == clicks || ((faults || Stall.since(begun)) && seen > clicks)) {
                    left.remove(code);
                } else {
                    strange.add("clicks of " + code + ": " + seen + " (expected: " + clicks + ")");
                }
            });
            assertThat(strange).isEmpty();
        });
    }

    private interface Step {
        void with(String item) throws Exception;
    }

    /** A few at a time, so that thousands of links take seconds. */
    private static void forEach(Set<String> items, Step step) throws InterruptedException {
        Queue<String> left = new ConcurrentLinkedQueue<>(items);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> some = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> {
                try {
                    for (String item = left.poll(); item != null; item = left.poll()) {
                        step.with(item);
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            some.add(thread);
            thread.start();
        }
        for (Thread thread : some) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }
}
