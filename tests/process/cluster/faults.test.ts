/**
 * Goal: whatever fails in a cluster, nothing that was acknowledged is lost, no seat has two owners, no key two answers, every flight
 * answers again soon, and the doctor finds the journals whole. Real processes and servers; the longest silence of any flight is printed.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import { LEASE_MS } from "../../../actors/shards.ts";
import type { Server } from "../../../deploy/cluster/server.ts";
import { seededRandom } from "../../../deploy/seeded-random.ts";
import { GivenCluster } from "../../support/given-cluster.ts";
import { COMMIT_ON_THE_WIRE } from "../../support/given-far-journal.ts";
import { describeWithServices } from "../../support/services.ts";
import type { Break, Broken } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";
import { Member, seatStates } from "../member.ts";
import { importFlights, numbersTo } from "../timetable.ts";
import { ClusterLoad } from "./cluster-load.ts";

const TEST_MS_MAX = 120_000;
setDefaultTimeout(TEST_MS_MAX);

const FLIGHTS = 64;
const SEATS = 120;
const MEMBERS = 16;

/** Answers of each flight before a fault, so that every host is in the middle of its work. */
const WARM_ANSWERS = 10 * FLIGHTS;

/** Keys that are asked again after each fault. */
const ASKED_AGAIN = 200;
const ASKED_AT_ONCE = 32;

/** What the machine may add to a goal when it has other things to do, in milliseconds. */
const SLACK_MS = 4_000;

/** Longer than a lease. */
const SILENCE_MS = LEASE_MS + 500;
/** Answers that were on their way when a host fell silent still come, in milliseconds. */
const ON_THE_WAY_MS = 1_000;
const OUTAGE_MS = 3_000;

/** A host hears nothing for so long, and has commands of most flights then: more than it commits in one round trip. */
const GATHER_MS = 300;

/** What a commit of holds in one round trip says. */
const HELD_ON_THE_WIRE = '"type":"held"';

const CUTS: readonly { readonly of: "one trip" | "two trips"; readonly how: Break }[] = [
  { of: "two trips", how: "before" },
  { of: "two trips", how: "after" },
  { of: "two trips", how: "held" },
  { of: "one trip", how: "after" },
  { of: "one trip", how: "held" },
];

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000));

interface Fault {
  readonly name: string;
  /** No flight may be without an answer for longer, in milliseconds. */
  readonly gapMsMax: number;
  /** Whether every single request must have its answer, without being asked again. */
  readonly isGapless?: boolean;
  /** Resolves when the fault is over; the cluster must then be as before. */
  readonly happen: () => Promise<void>;
}

describeWithServices(["mariadbd", "nats-server", "redis-server"], "a cluster under load", () => {
  let given: GivenCluster;
  let members: Member[];
  /** What is held after one fault must still be held after the next. */
  let load: ClusterLoad;
  const random = seededRandom(SEED);

  const host = (at: number): Server => present(given.cluster.actors[at], "a host");

  beforeAll(async () => {
    given = await GivenCluster.make({ SEATS_PER_MEMBER: "10000", KEYS_PER_MEMBER: "100000" }, 2, 3);
    const { cluster } = given;
    await cluster.startServers();
    const flightIds = await importFlights(given, numbersTo(FLIGHTS), SEATS);
    await cluster.startProcesses(cluster.processes.filter((each) => each !== host(2)));
    members = await Member.signUpMany(given, MEMBERS);
    const seats = [...(await seatStates(given.url, present(flightIds[0], "a flight"))).keys()];
    load = new ClusterLoad({ members, flightIds, seats, random });
  });

  afterAll(() => given.remove());

  async function survive({ name, gapMsMax, isGapless = false, happen }: Fault): Promise<void> {
    load.start();
    const enough = load.answers + WARM_ANSWERS;
    let longestGapMs: number;
    let failures: readonly string[];
    try {
      await until(() => load.answers >= enough, "the load", TEST_MS_MAX);
      load.measureGaps();
      await happen();
      const overMs = performance.now();
      await until(() => load.haveAllAnsweredSince(overMs), "an answer of every flight", TEST_MS_MAX);
      ({ longestGapMs } = load);
      failures = [...load.failures];
    } finally {
      await load.stop();
    }
    console.log(
      `${name}: longest gap ${longestGapMs} ms, ${failures.length} requests to be asked again (seed ${SEED})`,
    );
    await Promise.all([holdsWhatItSaid(), answersTheSame().then(isWhole)]);
    if (isGapless) expect(failures).toEqual([]);
    expect(longestGapMs).toBeLessThan(gapMsMax + SLACK_MS);
  }

  async function holdsWhatItSaid(): Promise<void> {
    const claimed = new Map<string, string>();
    for (const [id, { body }] of load.held) {
      for (const { seat } of body.passengers) {
        const name = `${body.flightId} ${seat}`;
        expect(claimed.get(name), `${name} has one owner`).toBeUndefined();
        claimed.set(name, id);
      }
    }
    for (const member of members) {
      const own = [...load.held].filter(([, { member: owner }]) => owner === member);
      const kept = await member.newestUntil((found) => own.every(([id]) => found.has(id)));
      for (const [id, { body }] of own)
        expect(kept.get(id)).toMatchObject({ status: "HELD", passengers: body.passengers });
    }
  }

  async function answersTheSame(): Promise<void> {
    const again = load.asked.filter(() => random() < ASKED_AGAIN / load.asked.length);
    for (let at = 0; at < again.length; at += ASKED_AT_ONCE) {
      await Promise.all(
        again.slice(at, at + ASKED_AT_ONCE).map(async ({ member, flightId, seat, key, answer }) => {
          const { status, text } = await member.hold(flightId, [seat], key);
          expect([status, text]).toEqual([answer.status, answer.text]);
        }),
      );
    }
  }

  async function isWhole(): Promise<void> {
    const { exitCode, out, err } = await given.run(["doctor"]);
    expect([exitCode, out + err]).toEqual([0, expect.stringContaining(`Clean: ${FLIGHTS} flights`)]);
  }

  const pass = (ms: number): Promise<void> => Bun.sleep(ms);

  /** For longer than the lease of a host that has just fallen silent, and until another one answers for all its flights. */
  async function outlastLease(): Promise<void> {
    const sinceMs = performance.now();
    const isTakenOver = (): boolean => load.haveAllAnsweredSince(sinceMs + ON_THE_WAY_MS);
    await load.easeUntil(pass(SILENCE_MS).then(() => until(isTakenOver, "another host's answers", TEST_MS_MAX)));
  }

  /** Breaks the first host's next COMMIT that is sent by itself: a batch of many flights is committed in two round trips. */
  async function breakLargeCommit(how: Break): Promise<Broken> {
    const { nats, database } = given.waysOf(host(0));
    for (;;) {
      nats.pause();
      await pass(GATHER_MS);
      const broken = database.breakAt(COMMIT_ON_THE_WIRE, how);
      nats.mend();
      const isBroken = await Promise.race([broken, pass(GATHER_MS).then(() => null)]);
      if (isBroken !== null) return isBroken;
    }
  }

  async function answersAgain(server: Server): Promise<void> {
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${server.port}/readyz`).catch(() => null))?.ok === true;
    await until(isReady, `${server.name} to be ready`, TEST_MS_MAX);
  }

  /** Every edge says what it misses. */
  async function names(part: string): Promise<void> {
    for (const { name, port } of given.cluster.edges) {
      const isNamed = async (): Promise<boolean> => {
        const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
        return answer.status === 503 && (await answer.text()).includes(`"name":"${part}"`);
      };
      await until(isNamed, `${name} to miss the ${part}`, TEST_MS_MAX);
    }
  }

  test("a host is killed, and comes back", () =>
    survive({
      name: "kill -9 of a host",
      gapMsMax: 6_000,
      async happen() {
        await host(0).kill();
        await outlastLease();
        await host(0).start();
      },
    }));

  test("a host stands still for longer than its lease, and goes on", () =>
    survive({
      name: "SIGSTOP for longer than the lease",
      gapMsMax: 6_000,
      async happen() {
        host(0).pause();
        await outlastLease();
        host(0).goOn();
        await answersAgain(host(0));
      },
    }));

  test("a host stands still in the middle of a transaction", () =>
    survive({
      name: "SIGSTOP inside a transaction",
      gapMsMax: 6_000,
      async happen() {
        await breakLargeCommit("silent");
        host(0).pause();
        await outlastLease();
        host(0).goOn();
        await answersAgain(host(0));
      },
    }));

  test("NATS is cut from one host only", () =>
    survive({
      name: "NATS cut from one host",
      gapMsMax: 6_000,
      async happen() {
        const { nats } = given.waysOf(host(0));
        nats.down();
        await outlastLease();
        nats.mend();
        await answersAgain(host(0));
      },
    }));

  test("NATS falls silent for one host only, and nobody is told", () =>
    survive({
      name: "NATS silent for one host",
      gapMsMax: 10_000,
      async happen() {
        const { nats } = given.waysOf(host(0));
        nats.pause();
        await outlastLease();
        nats.mend();
        await answersAgain(host(0));
      },
    }));

  for (const { how, of } of CUTS) {
    test(`a connection ends around COMMIT (${of}, ${how})`, () =>
      survive({
        name: `cut around COMMIT, ${of}, ${how}`,
        gapMsMax: 4_000,
        async happen() {
          const { database } = given.waysOf(host(0));
          const broken = await (of === "one trip" ? database.breakAt(HELD_ON_THE_WIRE, how) : breakLargeCommit(how));
          if (how !== "held") return;
          await pass(500);
          await broken.deliver();
        },
      }));
  }

  test("a connection ends around COMMIT, and another host claims in the meantime", () =>
    survive({
      name: "cut around COMMIT, and a claim",
      gapMsMax: 7_000,
      async happen() {
        const { database } = given.waysOf(host(0));
        const broken = await breakLargeCommit("held");
        database.down();
        host(0).pause();
        await outlastLease();
        await broken.deliver();
        database.mend();
        host(0).goOn();
        await answersAgain(host(0));
      },
    }));

  test("NATS is stopped and started", () =>
    survive({
      name: "NATS away for 3 s",
      gapMsMax: OUTAGE_MS + 3_000,
      async happen() {
        await given.cluster.nats.stop();
        await names("bus");
        // What needs no flight is served all the while.
        expect((await fetch(`${given.url}/api/v1/flights?size=1`)).status).toBe(200);
        await pass(OUTAGE_MS);
        await given.cluster.nats.start();
        for (const server of given.cluster.edges) await answersAgain(server);
      },
    }));

  test("the database is killed and started", () =>
    survive({
      name: "the database away for 3 s",
      gapMsMax: OUTAGE_MS + 5_000,
      async happen() {
        await given.cluster.mariadb.kill();
        await names("database");
        await pass(OUTAGE_MS);
        await given.cluster.mariadb.start();
        for (const server of given.cluster.processes) if (server.isRunning) await answersAgain(server);
      },
    }));

  test("no host is left, and they come back", () =>
    survive({
      name: "kill -9 of all hosts",
      // So long as they are away, and then for their leases.
      gapMsMax: OUTAGE_MS + 12_000,
      async happen() {
        await Promise.all([host(0).kill(), host(1).kill()]);
        await names("actors");
        expect((await fetch(`${given.url}/api/v1/flights?size=1`)).status).toBe(200);
        await pass(OUTAGE_MS);
        await Promise.all([host(0).start(), host(1).start()]);
        for (const server of given.cluster.edges) await answersAgain(server);
      },
    }));

  test("a third host joins, and leaves", () =>
    survive({
      name: "a host joins and leaves",
      gapMsMax: 500,
      isGapless: true,
      async happen() {
        await host(2).start();
        await pass(OUTAGE_MS);
        await host(2).stop();
      },
    }));

  test("a host comes in the place of another, which leaves meanwhile", () =>
    survive({
      name: "a host replaces another",
      gapMsMax: 500,
      isGapless: true,
      async happen() {
        await Promise.all([host(2).start(), host(0).stop()]);
        await Promise.all([host(0).start(), host(2).stop()]);
      },
    }));

  test("every process is started anew, one after another", () =>
    survive({
      name: "rolling restart",
      gapMsMax: 500,
      isGapless: true,
      happen: () => given.cluster.roll(),
    }));
});
