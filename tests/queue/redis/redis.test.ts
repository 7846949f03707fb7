// Goal: whatever Redis does, nobody waits long, nothing crashes, everything goes on by itself, and people are told what is wrong.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { OperationalError } from "../../../actors/errors.ts";
import { systemClock } from "../../../db/system-clock.ts";
import { openRedis, type Redis, type RedisOptions } from "../../../queue/redis/redis.ts";
import { RedisScript } from "../../../queue/redis/script.ts";
import { failureOf } from "../../support/failure-of.ts";
import { RedisServer } from "../../support/given-redis.ts";
import { RecordingTelemetry } from "../../support/recording-telemetry.ts";
import { describeWithService } from "../../support/services.ts";
import { until } from "../../support/until.ts";

const COUNT = new RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");

describeWithService("redis-server", "openRedis()", () => {
  let given: RedisServer;
  let telemetry: RecordingTelemetry;
  const opened: Redis[] = [];

  const open = async (url = given.url, options: Partial<RedisOptions> = {}): Promise<Redis> => {
    const redis = await openRedis(url, { telemetry, clock: systemClock(), ...options });
    opened.push(redis);
    return redis;
  };
  const isUp = async (redis: Redis) => until(() => redis.trouble() === null, "a connection", 10_000);
  const isDown = async (redis: Redis) => until(() => redis.trouble() !== null, "trouble", 10_000);

  beforeEach(async () => {
    telemetry = new RecordingTelemetry();
    given = await RedisServer.start();
  });
  afterEach(async () => {
    for (const redis of opened.splice(0)) redis.close();
    await given.remove();
  });

  test("ask() gives the answers of commands", async () => {
    const redis = await open();
    expect(await redis.ask((client) => client.set("a", "1"))).toBe("OK");
    expect(await redis.ask((client) => client.get("a"))).toBe("1");
    expect(redis.trouble()).toBeNull();
  });

  test("run() runs a script, also on a server that has never seen it or has forgotten it", async () => {
    const redis = await open();
    expect(await redis.run(COUNT, ["n"], [2])).toBe(2);
    await given.run("SCRIPT", "FLUSH");
    expect(await redis.run(COUNT, ["n"], [3])).toBe(5);
  });

  test("ask() says INTERNAL when a command is wrong, and that isn't trouble of Redis", async () => {
    const redis = await open();
    await redis.ask((client) => client.set("a", "text"));
    const failure = await failureOf(redis.ask((client) => client.incr("a")));
    expect(failure).toBeInstanceOf(OperationalError);
    expect(failure).toMatchObject({ code: "INTERNAL", retryable: false });
    expect(redis.trouble()).toBeNull();
  });

  test("ask() fails at once while Redis is down, and works again by itself when it is back", async () => {
    const redis = await open();
    await given.kill();
    await isDown(redis);
    const startedMs = performance.now();
    expect(await failureOf(redis.ask((client) => client.ping()))).toMatchObject({
      code: "UNAVAILABLE",
      retryable: true,
    });
    expect(performance.now() - startedMs).toBeLessThan(100);
    expect(redis.trouble()).toContain(`127.0.0.1:${given.port}`);
    await given.restart();
    await isUp(redis);
    expect(await redis.ask((client) => client.ping())).toBe("PONG");
  });

  test("what was asked before a restart is not carried out after it", async () => {
    const redis = await open();
    await given.kill();
    const asked = Array.from({ length: 20 }, () => failureOf(redis.ask((client) => client.incr("late"))));
    expect(await Promise.all(asked)).toEqual(Array(20).fill(expect.objectContaining({ code: "UNAVAILABLE" })));
    await given.restart();
    await isUp(redis);
    expect(await redis.ask((client) => client.get("late"))).toBeNull();
  });

  test("ask() ends in time when Redis holds still, and a connection that stays silent is given up", async () => {
    const redis = await open(given.url, { answerMsMax: 100 });
    process.kill(given.pid, "SIGSTOP");
    const startedMs = performance.now();
    expect(await failureOf(redis.ask((client) => client.ping()))).toMatchObject({ code: "UNAVAILABLE" });
    expect(performance.now() - startedMs).toBeLessThan(600);
    expect(telemetry.count("pigonair_redis_failures_total{kind=late}")).toBe(1);
    await isDown(redis);
    process.kill(given.pid, "SIGCONT");
    await isUp(redis);
    expect(await redis.ask((client) => client.ping())).toBe("PONG");
  });

  test("a server that is down at the start is no error, and is found when it comes", async () => {
    await given.kill();
    const redis = await open(given.url, { startMsMax: 50 });
    expect(redis.trouble()).toContain(`127.0.0.1:${given.port}`);
    const begun: string[] = [];
    redis.hear(
      "news",
      (message) => begun.push(message),
      () => begun.push("begun"),
    );
    await given.restart();
    await isUp(redis);
    await until(() => begun.length === 1, "hearing begins");
    await given.run("PUBLISH", "news", "hello");
    await until(() => begun.length === 2, "the message");
    expect(begun).toEqual(["begun", "hello"]);
  });

  test("speaks TLS with a server that a given authority vouches for, and with no other", async () => {
    const guarded = await RedisServer.start({ tls: true });
    try {
      const redis = await open(guarded.url, { tlsCaFile: guarded.caFile });
      expect(await redis.ask((client) => client.ping())).toBe("PONG");
      const wary = await open(guarded.url, { startMsMax: 200 });
      expect(wary.trouble()).toMatch(/certificate/i);
    } finally {
      await guarded.remove();
    }
  });

  test.each(["http://127.0.0.1:6379", "redis:", "127.0.0.1:6379", ""])(
    "refuses %p, which is no address",
    async (url) => {
      expect(await failureOf(open(url))).toMatchObject({ message: expect.stringContaining("redis://host:port") });
    },
  );

  test("a wrong password is said at the start, and no password is ever repeated", async () => {
    const guarded = await RedisServer.start({ options: ["--requirepass", "right-secret"] });
    try {
      const url = `redis://:right-secret@127.0.0.1:${guarded.port}`;
      const good = await open(url);
      expect(await good.ask((client) => client.ping())).toBe("PONG");
      for (const wrong of [url.replace("right", "wrong"), guarded.url]) {
        const failure = await failureOf(open(wrong));
        expect(String(failure)).toMatch(/can't be used: (WRONGPASS|NOAUTH)/);
        expect(String(failure)).not.toContain("secret");
      }
      await guarded.kill();
      await isDown(good);
      expect(good.trouble()).not.toContain("secret");
      expect(telemetry.lines.join()).not.toContain("secret");
    } finally {
      await guarded.remove();
    }
  });

  test("a password that changes while it runs is trouble, but not the end", async () => {
    const redis = await open();
    await given.run("CONFIG", "SET", "requirepass", "new");
    await failureOf(redis.ask((client) => client.sendCommand(["CLIENT", "KILL", "TYPE", "normal"])));
    await isDown(redis);
    // At first it knows no more than that the connection ended.
    await until(() => redis.trouble()?.includes("NOAUTH") === true, "the refusal of the password");
    await given.restart();
    await isUp(redis);
  });

  test("a refusal that passes is trouble until a command succeeds", async () => {
    const redis = await open();
    await given.run("CONFIG", "SET", "maxmemory", "1");
    expect(await failureOf(redis.ask((client) => client.set("a", "1")))).toMatchObject({ code: "UNAVAILABLE" });
    expect(redis.trouble()).toContain("OOM");
    await given.run("CONFIG", "SET", "maxmemory", "0");
    await redis.ask((client) => client.set("a", "1"));
    expect(redis.trouble()).toBeNull();
  });

  test("a refusal of pings, as of a server that can't write to its disk, is trouble for no longer than that", async () => {
    const redis = await open();
    await given.run("CONFIG", "SET", "save", "3600 1");
    mkdirSync(join(given.folder, "dump.rdb"));
    await given.run("BGSAVE");
    // So many of the connections' own pings were refused.
    const refused = async () =>
      /errorstat_MISCONF:count=(\d+)/.exec(String(await given.run("INFO", "errorstats")))?.[1];
    await until(async () => Number((await refused()) ?? 0) >= 2, "pings that are refused", 20_000);
    expect(await redis.check()).toContain("MISCONF");
    await given.run("CONFIG", "SET", "save", "");
    expect(await redis.check()).toBeNull();
    expect(redis.trouble()).toBeNull();
  });

  test("an interruption is logged once, however often it is tried", async () => {
    const redis = await open();
    telemetry.clear();
    await given.kill();
    await isDown(redis);
    const attempts = () => telemetry.lines.filter((line) => line.includes("is away") && line.includes("commands"));
    await given.restart();
    await isUp(redis);
    // One for the connection that was cut, and one for those that were refused.
    expect(attempts().length).toBeLessThanOrEqual(2);
    expect(telemetry.messages.filter((message) => message === "Redis is connected")).toHaveLength(2);
  });

  test("hear() hears again after an interruption, and says that something may have been missed", async () => {
    const redis = await open();
    const heard: string[] = [];
    let begun = 0;
    const stop = redis.hear(
      "news",
      (message) => heard.push(message),
      () => (begun += 1),
    );
    redis.hear(
      "other",
      () => {},
      () => {},
    );
    await until(() => begun === 1, "hearing begins");
    await given.run("PUBLISH", "news", "1");
    await until(() => heard.length === 1, "the first message");
    await given.restart();
    await until(() => begun === 2, "hearing begins again", 10_000);
    await given.run("PUBLISH", "news", "2");
    await until(() => heard.length === 2, "the second message");
    expect(heard).toEqual(["1", "2"]);

    stop();
    await until(async () => (await given.run("PUBLISH", "news", "3")) === 0, "nobody listens any more");
    expect(heard).toEqual(["1", "2"]);
  });

  test("hear() tells each who hears a channel, and one can stop without the other", async () => {
    const redis = await open();
    const heard: string[] = [];
    let begun = 0;
    const stopA = redis.hear(
      "news",
      (message) => heard.push(`a${message}`),
      () => (begun += 1),
    );
    await until(() => begun === 1, "the first hears");
    redis.hear(
      "news",
      (message) => heard.push(`b${message}`),
      () => (begun += 1),
    );
    await until(() => begun === 2, "the second hears");
    await given.run("PUBLISH", "news", "1");
    await until(() => heard.length === 2, "both heard");
    stopA();
    await given.run("PUBLISH", "news", "2");
    await until(() => heard.length === 3, "the other heard");
    expect(heard).toEqual(["a1", "b1", "b2"]);
  });
});
