/** Owns the log: one JSON object a line, written by pino straight to its destination, without a transport; each part of the program at a level of its own. */

import pino from "pino";
import { Refused } from "../../actors/settings.ts";
import type { Log } from "../../actors/telemetry.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What can have a level of its own: the program's composition says which module is of which. */
export const LOG_PARTS = [
  "main",
  "http",
  "accounts",
  "room",
  "payments",
  "flights",
  "lane",
  "shards",
  "bus",
  "redis",
  "journal",
] as const;
export type LogPart = (typeof LOG_PARTS)[number];

export interface LogSettings {
  /** Of all parts that have none of their own. */
  readonly level: LogLevel;
  readonly parts: Readonly<Partial<Record<LogPart, LogLevel>>>;
}

/** Reads `info,lane=debug,http=warn`. */
export function readLogSettings(text: string): LogSettings | Refused {
  let level: LogLevel = "info";
  const parts: Partial<Record<LogPart, LogLevel>> = {};
  for (const item of text.split(",")) {
    const [first = "", second] = item.trim().split("=");
    const given = LOG_LEVELS.find((each) => each === (second ?? first));
    const part = LOG_PARTS.find((each) => each === first);
    if (given === undefined) return new Refused(`must be one of ${LOG_LEVELS.join(", ")}, by commas with part=level`);
    if (second === undefined) level = given;
    else if (part === undefined) return new Refused(`knows the parts ${LOG_PARTS.join(", ")}`);
    else parts[part] = given;
  }
  return { level, parts };
}

/** Takes finished lines, each with its line break. */
export interface LineSink {
  write(line: string): void;
}

export interface JsonLogOptions {
  /** On each line. @default nothing */
  readonly about?: Readonly<Record<string, string>>;
  /** @default standard output, written to at once, so that nothing is missing after a crash */
  readonly sink?: LineSink;
}

const COUNTED = ["debug", "info", "warn", "error"] as const;

export class JsonLog {
  /** How many lines there were of each level. */
  readonly lines = { debug: 0, info: 0, warn: 0, error: 0 };
  readonly #root: pino.Logger;
  readonly #parts = new Map<LogPart, pino.Logger>();
  #settings: LogSettings;

  constructor(settings: LogSettings, { about = {}, sink }: JsonLogOptions = {}) {
    this.#settings = settings;
    this.#root = pino(
      {
        level: "debug",
        base: { ...about },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      sink ?? pino.destination({ dest: 1, sync: true }),
    );
  }

  get settings(): LogSettings {
    return this.#settings;
  }

  /** From the next line on. */
  change(settings: LogSettings): void {
    this.#settings = settings;
    for (const [part, logger] of this.#parts) logger.level = this.#levelOf(part);
  }

  part(part: LogPart): Log {
    const logger = this.#parts.get(part) ?? this.#root.child({ part }, { level: this.#levelOf(part) });
    this.#parts.set(part, logger);
    const writes = (level: (typeof COUNTED)[number]) => (fields: object, message: string) => {
      if (!logger.isLevelEnabled(level)) return;
      this.lines[level] += 1;
      logger[level](fields, message);
    };
    return {
      debug: writes("debug"),
      info: writes("info"),
      warn: writes("warn"),
      error: writes("error"),
      part: (name) => this.part(LOG_PARTS.find((each) => each === name) ?? "main"),
    };
  }

  #levelOf(part: LogPart): LogLevel {
    return this.#settings.parts[part] ?? this.#settings.level;
  }
}
