/** Owns the log: one JSON object a line, written by pino straight to its destination, without a transport. */

import pino from "pino";
import type { Log } from "../../actors/telemetry.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Takes finished lines, each with its line break. */
export interface LineSink {
  write(line: string): void;
}

/** @param sink @default standard output, written to at once, so that nothing is missing after a crash */
export function jsonLog(level: LogLevel, sink: LineSink = pino.destination({ dest: 1, sync: true })): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
