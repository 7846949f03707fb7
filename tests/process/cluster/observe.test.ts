/**
 * Goal: an operator sees from outside what goes on in a cluster of real processes: which stage limits by the metrics alone, each
 * request's way by its trace, and in none of it who anybody is.
 */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { present } from "../../../actors/assert.ts";
import { FAILURE_CODES, REJECTION_CODES } from "../../../actors/bus/replies.ts";
import { BUS_OPS, COMMANDS_MAX } from "../../../actors/bus/requests.ts";
import { REQUEST_STAGES } from "../../../actors/stages.ts";
import type { Server } from "../../../deploy/cluster/server.ts";
import { PROBLEM_CODES } from "../../../http/problem-codes.ts";
import { Collector } from "../../support/collector.ts";
import { GivenCluster } from "../../support/given-cluster.ts";
import { type MetricSample, readMetrics } from "../../support/read-metrics.ts";
import { describeWithServices } from "../../support/services.ts";
import { until } from "../../support/until.ts";
import { Member, send } from "../member.ts";
import { importFlights } from "../timetable.ts";

const TEST_MS_MAX = 120_000;
setDefaultTimeout(TEST_MS_MAX);

const SEATS = 120;
const SORA = { name: "Moon Sora", birthDate: "1987-11-23" };
const HARU = { name: "Moon Haru", birthDate: "1991-04-17" };
const ADMIN = { email: "operator@pigonair.example", password: "the operator's long password" };

/** A client asks again after so long, in milliseconds, when it was told to wait. */
const PAUSE_MS = 50;

/** As often as figures change, in milliseconds: to read them without a pause is what keeps an edge busy. */
const LOOK_MS = 500;

describeWithServices(["mariadbd", "nats-server", "redis-server"], "a cluster that is observed", () => {
  let given: GivenCluster;
  let collector: Collector;
  let member: Member;
  let flightId: string;
  /** Each attempt of a test has a row of seats, keys and passengers of its own: 2, 3 … */
  let row = 1;
  const secrets = new Set<string>([
    ...[SORA, HARU].flatMap((each) => Object.values(each)),
    "Kim Minji",
    "a password for tests",
    ADMIN.password,
    ADMIN.email,
  ]);

  beforeAll(async () => {
    collector = new Collector();
    given = await GivenCluster.make(
      {
        LOG_LEVEL: "debug",
        MAILBOX_MAX: "16",
        BATCH_MAX: "8",
        SEATS_PER_MEMBER: "10000",
        KEYS_PER_MEMBER: "100000",
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_TRACES_SAMPLER_ARG: "0",
      },
      1,
      1,
    );
    const { cluster } = given;
    await cluster.startServers();
    flightId = present((await importFlights(given, [1], SEATS))[0], "a flight");
    await cluster.startProcesses(cluster.processes);
    member = await Member.signUp(given);
    secrets.add(member.email).add(member.token);
    const kept = (await Bun.file(join(given.folder, "cluster.json")).json()) as Record<string, unknown>;
    for (const password of Object.values(kept).flatMap((each) => Object.values(each as object))) {
      if (typeof password === "string" && password.length > 8) secrets.add(password);
    }
  });

  afterAll(async () => {
    await given.remove();
    collector.stop();
  });

  const edge = (): Server => present(given.cluster.edges[0], "an edge");
  const actors = (): Server => present(given.cluster.actors[0], "a host");

  async function metricsOf({ port }: Server): Promise<readonly MetricSample[]> {
    return readMetrics(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  }

  async function figureOf(server: Server, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const found = (await metricsOf(server)).find(
      (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
    );
    return found?.value ?? Number.NaN;
  }

  async function limiting(): Promise<string> {
    const samples = await metricsOf(edge());
    return samples
      .filter(({ name, value }) => name === "pigonair_stage_limiting" && value === 1)
      .map(({ labels }) => labels.stage)
      .join();
  }

  /** Sends one request after the other on so many ways, until the condition holds. */
  async function under(clients: number, ask: () => Promise<{ status: number }>, isSo: () => Promise<boolean>) {
    let isOver = false;
    const loads = Array.from({ length: clients }, async () => {
      while (!isOver) {
        const { status } = await ask();
        if (status === 503) await Bun.sleep(PAUSE_MS);
      }
    });
    try {
      const look = async (): Promise<boolean> => {
        await Bun.sleep(LOOK_MS);
        return isSo();
      };
      await until(look, "what the metrics are to say", TEST_MS_MAX / 2);
    } finally {
      isOver = true;
      await Promise.all(loads);
    }
  }

  const hold = (): Promise<{ status: number }> => member.hold(flightId, ["1A"]);

  test("a request is one trace, from HTTP over the bus and a shared commit to who follows the journal", async () => {
    row += 1;
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const tracesBefore = collector.traces;
    const response = await fetch(`${given.url}/api/v1/flights/${flightId}/reservations`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${member.token}`,
        "content-type": "application/json",
        "idempotency-key": `traced-${row}`,
        traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      },
      body: JSON.stringify({ passengers: [{ ...SORA, name: `${SORA.name} ${row}`, seat: `${row}A` }] }),
    });
    expect(response.status).toBe(201);
    const route = "POST /api/v1/flights/:id/reservations";
    const wanted = [route, "call hold", "flight hold", "mailbox", "decide", "commit", "consume events"];
    await until(() => wanted.every((name) => collector.find(traceId, name) !== undefined), "the whole trace", 20_000);
    const parentOf = (name: string): string | undefined => collector.find(traceId, name)?.parentSpanId;
    const idOf = (name: string): string => present(collector.find(traceId, name), name).spanId;
    expect(parentOf(route)).toBe("00f067aa0ba902b7");
    expect(parentOf("call hold")).toBe(idOf(route));
    expect(parentOf("flight hold")).toBe(idOf("call hold"));
    for (const part of ["mailbox", "decide", "commit", "consume events"])
      expect(parentOf(part)).toBe(idOf("flight hold"));
    const [batch] = collector.find(traceId, "commit")?.links ?? [];
    await until(() => collector.find(batch?.traceId ?? "", "commit batch") !== undefined, "the commit", 20_000);
    const back = collector.find(batch?.traceId ?? "", "commit batch")?.links ?? [];
    expect(back).toMatchObject([{ traceId, spanId: idOf("flight hold") }]);
    // One that nobody wants whole, and that goes well, is not kept.
    expect((await member.hold(flightId, [`${row}B`])).status).toBe(201);
    expect(collector.traces - tracesBefore).toBe(2);
  });

  test("slow the database down: commit limits", async () => {
    given.waysOf(actors()).database.delayMs = 40;
    // More than one batch holds, so that the next one is always there; fewer than fill the mailbox.
    // Both while the load lasts: a figure read after it tells of a lane that has begun to rest.
    const saturation = (): Promise<number> => figureOf(actors(), "pigonair_stage_saturation", { stage: "commit" });
    await under(12, hold, async () => (await limiting()) === "commit" && (await saturation()) > 0.6);
  });

  test("flood one flight: mailbox limits, and who is turned away leaves a trace that nobody asked for", async () => {
    given.waysOf(actors()).database.delayMs = 5;
    await under(64, hold, async () => (await limiting()) === "mailbox");
    given.waysOf(actors()).database.delayMs = 0;
    expect(
      await figureOf(actors(), "pigonair_flight_outcomes_total", { op: "hold", code: "OVERLOADED" }),
    ).toBeGreaterThan(0);
    expect(await figureOf(edge(), "pigonair_http_problems_total", { code: "OVERLOADED" })).toBeGreaterThan(0);
    await until(() => collector.failed("flight hold") > 0, "a trace of a failure", 20_000);
  });

  test("burn the time of an edge: edge limits", async () => {
    const burn = (): Promise<Response> => fetch(`http://127.0.0.1:${edge().port}/metrics`);
    const ask = async (): Promise<{ status: number }> => {
      const response = await burn();
      await response.arrayBuffer();
      return response;
    };
    await under(12, ask, async () => (await limiting()) === "edge");
  });

  test("sign up, hold, pay, cancel, be refunded: at debug level no log and no trace says who it was", async () => {
    row += 1;
    const held = await member.send("POST", `/api/v1/flights/${flightId}/reservations`, {
      body: { passengers: [{ ...HARU, name: `${HARU.name} ${row}`, seat: `${row}A` }] },
      key: `a-key-of-this-sale-${row}`,
    });
    const { id } = held.body;
    const { checkoutUrl } = (await member.pay(id)).body;
    secrets.add(checkoutUrl);
    await fetch(checkoutUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ outcome: "approve" }),
    });
    await until(async () => (await member.reservation(id)).body.status === "TICKETED", "tickets", 20_000);
    await member.cancel(id);
    await until(async () => (await member.reservation(id)).body.refund.status === "REFUNDED", "the money", 20_000);
    const { body } = await send(given.url, "POST", "/api/v1/sessions", { body: ADMIN });
    secrets.add(body.accessToken);
    const levels = { level: "info", parts: { http: "debug" } };
    const changed = await send(given.url, "PUT", "/api/v1/admin/log-level", { body: levels, token: body.accessToken });
    expect([changed.status, changed.body as unknown]).toEqual([200, levels]);
    const told = (name: string): boolean =>
      given.lines.some((line) => line.startsWith(`${name} `) && line.includes("what is logged has been changed"));
    await until(() => ["edge-1", "actors-1", "workers"].every(told), "all processes to hear of it", 20_000);
    const said = [...given.lines, ...collector.bodies].join("\n");
    expect(said).toContain('"msg":"a request"');
    for (const secret of secrets) expect(said.includes(secret), `somebody has said "${secret}"`).toBe(false);
    for (const line of given.lines) {
      const [name = "", json = ""] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf("{"))];
      if (!/^(edge|actors|workers)/.test(name) || !json.startsWith('{"level"')) continue;
      expect(JSON.parse(json)).toMatchObject({ role: name.split("-")[0], host: name, part: expect.any(String) });
    }
  });

  test("no label of any metric says more than a small set of words", async () => {
    const sets: Readonly<Record<string, RegExp>> = {
      stage: words(REQUEST_STAGES),
      op: words([...BUS_OPS, "expire"]),
      code: words(["OK", ...REJECTION_CODES, ...FAILURE_CODES, ...Object.keys(PROBLEM_CODES)]),
      route: /^(unmatched|\*|\/[a-z0-9/:.*-]*)$/,
      method: /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|unmatched)$/,
      status: /^[1-5]\d\d$/,
      dependency: words(["database", "nats", "redis"]),
      consumer: words(["mail", "room", "events", "doctor"]),
      host: /^(edge|actors)-1$|^workers$/,
      version: /^v?\d+\.\d+\.\d+$/,
      le: /^(\d+(\.\d+)?(e-\d+)?|\+Inf)$/,
    };
    const series = new Set<string>();
    for (const server of given.cluster.processes) {
      for (const { name, labels } of await metricsOf(server)) {
        series.add(`${name}${JSON.stringify(labels)}`);
        for (const [label, value] of Object.entries(labels)) {
          expect(value, `${name}{${label}}`).toMatch(sets[label] ?? /^[a-zA-Z0-9_. -]{1,32}$/);
          expect(value, `${name}{${label}}`).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d{2}-\d{2}/);
          expect(value.includes(flightId), `${name}{${label}}`).toBe(false);
        }
      }
    }
    expect(series.size).toBeGreaterThan(COMMANDS_MAX);
  });
});

function words(all: readonly string[]): RegExp {
  return new RegExp(`^(?:${all.join("|")})$`);
}
