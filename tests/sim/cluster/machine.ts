/** Owns one start of one process, with all that reaches it: clocks, the ways to database and bus, its dice and its log. */

import { ClusterClock } from "../../../actors/cluster-clock.ts";
import type { Entropy } from "../../../actors/entropy.ts";
import type { Log, Telemetry } from "../../../actors/telemetry.ts";
import type { OpenMysql } from "../../../db/open.ts";
import { SimulatedNats } from "../bus/simulated-nats.ts";
import type { ClientSession } from "../database/client-session.ts";
import { openSimulated } from "../database/open-simulated.ts";
import { Link } from "../world/link.ts";
import { Process } from "../world/process.ts";
import type { Random } from "../world/random.ts";
import type { World } from "../world/world.ts";

/** One way takes about this long, in milliseconds. */
const WAY_MS = 0.4;

/** What our own code says of itself when it has failed: never to be seen. */
const OUR_FAULT: ReadonlySet<string> = new Set([
  "a command threw",
  "a part could not be closed",
  "the lane failed",
  "a commit could not be told of",
  "an answer could not leave",
  "a projection contradicts the journal: the flight is quarantined until the doctor has seen it",
  "shards were not given in order",
  "a fenced host did not end in order",
]);

export class Machine {
  readonly world: World;
  /** `host-1`, or `host-1.2` for its second start. */
  readonly name: string;
  readonly process: Process;
  readonly random: Random;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  readonly databaseLink: Link;
  readonly busLink: Link;
  readonly roomLink: Link;
  readonly sessions = new Set<ClientSession>();
  readonly bus: SimulatedNats;
  readonly db: OpenMysql;
  #ids = 0;

  constructor(world: World, name: string) {
    const { loop, clocks } = world;
    this.world = world;
    this.name = name;
    this.random = world.random.fork(name);
    this.process = new Process(loop, name, {
      wallMs: world.server.nowMs + this.random.between(-1, 1) * clocks.wallSkewMsMax,
      rate: 1 + this.random.between(-1, 1) * clocks.driftMax,
    });
    const way = this.random.fork("ways");
    const delayMs = (): number => WAY_MS * (0.5 + way.fraction());
    this.databaseLink = new Link(loop, delayMs);
    this.busLink = new Link(loop, delayMs);
    this.roomLink = new Link(loop, delayMs);
    this.entropy = {
      uuid: () => `${name}-${++this.#ids}`,
      bytes: (length) => this.random.bytes(length),
      fraction: () => this.random.fraction(),
    };
    this.telemetry = telemetryOf(this);
    this.bus = new SimulatedNats(world.hub, this.process, this.busLink);
    this.db = openSimulated({
      server: world.server,
      process: this.process,
      link: this.databaseLink,
      sessions: this.sessions,
    });
  }

  get isRunning(): boolean {
    return !this.process.isDead;
  }

  /** Cluster time, as `main.ts` sets it: tried until the database answers. */
  async clusterClock(readMs: () => Promise<number>): Promise<ClusterClock> {
    for (;;) {
      try {
        return await ClusterClock.set(this.process.clock, this.telemetry, readMs);
      } catch {
        await new Promise<void>((resolve) => this.process.clock.after(500, resolve));
      }
    }
  }

  kill(): void {
    this.process.kill();
    for (const session of [...this.sessions]) session.abandon();
    this.bus.abandon();
  }
}

function telemetryOf({ world, name }: Machine): Telemetry {
  const { trace, findings } = world;
  const write = (fields: object, message: string): void => {
    trace.note(name, () => `${message} ${fieldsText(fields)}`);
  };
  const log: Log = {
    debug: () => {},
    info: write,
    warn: write,
    error(fields, message) {
      write(fields, message);
      if (OUR_FAULT.has(message)) findings.report("assertion", `${name}: ${message} ${fieldsText(fields)}`);
    },
  };
  return {
    log,
    counter: () => ({ add: () => {} }),
    histogram: () => ({ record: () => {} }),
    gauge: () => {},
    total: () => {},
  };
}

function fieldsText(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Error ? `${value.name}: ${value.message}` : String(value)}`)
    .join(" ");
}
