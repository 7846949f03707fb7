/**
 * Goal: what operators see is there and is true: after a short sale every question of every dashboard has an answer, and a part that is taken
 * away under load is named by readiness, metrics, alarms and the dashboard of the bottleneck within 15 s, and no longer when it is back.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import type { Server } from "../../deploy/cluster/server.ts";
import { DASHBOARDS } from "../../deploy/observability/dashboards/all.ts";
import { bottleneck } from "../../deploy/observability/dashboards/bottleneck.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";
import { ClusterLoad } from "../process/cluster/cluster-load.ts";
import { Member, seatStates } from "../process/member.ts";
import { importFlights, numbersTo } from "../process/timetable.ts";
import { GivenCluster } from "../support/given-cluster.ts";
import { describeWithServices } from "../support/services.ts";
import { until } from "../support/until.ts";
import { AskedPrometheus } from "./asked-prometheus.ts";
import { ShortSale } from "./short-sale.ts";

const TEST_MS_MAX = 120_000;
setDefaultTimeout(TEST_MS_MAX);

const ADMIN = { ADMIN_EMAIL: "root@example.com", ADMIN_PASSWORD: "a password of an operator" };

/** What Grafana puts in, and the reader chooses. */
const CHOSEN = { $__rate_interval: "10s", $__range: "60s", $run_a: "one", $run_b: "two" };

/** On a machine that has other things to do. */
const SALE_MS_MAX = 60_000;

/** The contract. */
const NAMED_MS_MAX = 15_000;

const SEATS = 60;
const FLIGHTS = 6;
const MEMBERS = 4;

interface Part {
  /** As metrics and dashboards call it, and as `/readyz` does. */
  readonly name: "nats" | "redis" | "database";
  readonly check: string;
  readonly alarm: string;
  readonly server: (given: GivenCluster) => Server;
}

const PARTS: readonly Part[] = [
  { name: "nats", check: "bus", alarm: "NatsUnreachable", server: ({ cluster }) => cluster.nats },
  { name: "redis", check: "redis", alarm: "RedisUnreachable", server: ({ cluster }) => cluster.redis },
  { name: "database", check: "database", alarm: "DatabaseUnreachable", server: ({ cluster }) => cluster.mariadb },
];

const ALL_UP = { nats: 1, redis: 1, database: 1 };

describeWithServices(
  ["mariadbd", "nats-server", "redis-server", "prometheus"],
  "a cluster with Prometheus beside",
  () => {
    let given: GivenCluster;
    let prometheus: AskedPrometheus;
    let flightIds: readonly string[];
    let members: Member[];
    let seats: readonly string[];

    beforeAll(async () => {
      const settings = { ...ADMIN, SEATS_PER_MEMBER: "10000", KEYS_PER_MEMBER: "100000" };
      given = await GivenCluster.make(settings, 2, 2, { prometheusPort: 0 });
      const { cluster } = given;
      await cluster.startServers();
      flightIds = await importFlights(given, numbersTo(FLIGHTS), SEATS);
      await cluster.startProcesses(cluster.processes);
      prometheus = new AskedPrometheus(present(cluster.prometheus, "a Prometheus").port);
      members = await Member.signUpMany(given, MEMBERS);
      seats = [...(await seatStates(given.url, present(flightIds[0], "a flight"))).keys()];
    });

    afterAll(() => given.remove());

    test("after a short sale every question of every dashboard has an answer", async () => {
      const [flightId, roomFlightId] = [
        present(flightIds[0], "a flight"),
        present(flightIds[1], "a flight with a room"),
      ];
      const root = await Member.logIn(given, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
      const path = `/api/v1/admin/flights/${roomFlightId}/waiting-room`;
      expect((await root.send("PUT", path, { body: { mode: "on", admitPerMinute: 6_000 } })).status).toBe(200);

      const panels = DASHBOARDS.flatMap(({ rows }) => rows).flatMap((row) => row.panels);
      const questions = panels.flatMap(({ title, queries }) =>
        queries.map(({ expr }) => ({ title, expr: asked(expr) })),
      );
      let open = questions;
      const sale = new ShortSale({ members, roomFlightId, flightId, seats, runs: [CHOSEN.$run_a, CHOSEN.$run_b] });
      const startedMs = performance.now();
      while (open.length > 0 && performance.now() - startedMs < SALE_MS_MAX) {
        await sale.round();
        const answers = await Promise.all(open.map(({ expr }) => prometheus.ask(expr)));
        open = open.filter((_, at) => !answers[at]?.some(({ value }) => Number.isFinite(value)));
      }
      expect(open).toEqual([]);
      console.log(
        `${questions.length} questions of dashboards were answered ${seconds(startedMs)} after the sale began`,
      );
    });

    for (const { name, check, alarm, server } of PARTS) {
      test(`${name} that is taken away under load is named within 15 s, and no longer when it is back`, async () => {
        await until(isWell, "a cluster that is well", TEST_MS_MAX);
        const load = new ClusterLoad({ members, flightIds: flightIds.slice(2), seats, random: seededRandom(1) });
        load.start();
        const { answers } = load;
        await until(() => load.answers > answers + FLIGHTS, "the load", TEST_MS_MAX);

        const goneMs = performance.now();
        await server(given).kill();
        await until(
          async () => (await saidByReadiness()).every((said) => said.includes(`"name":"${check}"`)),
          `/readyz names ${check}`,
          TEST_MS_MAX,
        );
        await until(
          async () => Bun.deepEquals(await saidByDashboard(), { ...ALL_UP, [name]: 0 }),
          `the dashboard names ${name}`,
          TEST_MS_MAX,
        );
        await until(async () => Bun.deepEquals(await saidByAlarms(), [alarm]), `${alarm}`, TEST_MS_MAX);
        const named = performance.now() - goneMs;

        const backMs = performance.now();
        await server(given).start();
        await until(isWell, `${name} to be no longer named`, TEST_MS_MAX);
        console.log(
          `${name}: named by all after ${(named / 1000).toFixed(1)} s; no longer ${seconds(backMs)} after its start began`,
        );
        expect(named).toBeLessThan(NAMED_MS_MAX);
        await load.stop();
      });
    }

    /** What each edge misses. */
    function saidByReadiness(): Promise<string[]> {
      return Promise.all(
        given.cluster.edges.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/readyz`)).text()),
      );
    }

    /** Of each part, what the panel of the bottleneck's dashboard shows by the metrics alone: 1 is up. */
    async function saidByDashboard(): Promise<Readonly<Record<string, number>>> {
      const panels = bottleneck.rows.flatMap((row) => row.panels);
      const panel = present(
        panels.find(({ title }) => title === "What the processes reach"),
        "the panel",
      );
      const answer = await prometheus.ask(asked(present(panel.queries[0], "its question").expr));
      return Object.fromEntries(answer.map(({ labels, value }) => [labels.dependency ?? "", value]));
    }

    async function saidByAlarms(): Promise<string[]> {
      return (await prometheus.firing()).filter((alarm) => alarm.endsWith("Unreachable"));
    }

    async function isWell(): Promise<boolean> {
      const isReady = (await saidByReadiness()).every((said) => said.includes('"ready"'));
      return isReady && Bun.deepEquals(await saidByDashboard(), ALL_UP) && (await saidByAlarms()).length === 0;
    }
  },
);

/** With what Grafana puts in. */
function asked(expr: string): string {
  return Object.entries(CHOSEN).reduce((text, [name, value]) => text.replaceAll(name, value), expr);
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}
