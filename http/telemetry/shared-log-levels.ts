/** Owns that all processes log alike: what an operator changes at one of them is told to the others. */

import type { Bus } from "../../actors/bus/bus.ts";
import { ALL_LOGS, logsSubject } from "../../actors/bus/subjects.ts";
import { Refused } from "../../actors/settings.ts";
import { type JsonLog, type LogSettings, readLogSettings } from "./json-log.ts";

/** @param process this one, by which nobody else is called */
export function sharedLogLevels(log: JsonLog, bus: Bus, process: string) {
  const change = (settings: LogSettings): void => {
    // What was said to the others is heard here as well.
    if (Bun.deepEquals(settings, log.settings)) return;
    log.change(settings);
    log.part("main").info({ logged: settings }, "what is logged has been changed");
  };
  bus.subscribe(ALL_LOGS, ({ level, parts }) => {
    const settings = readLogSettings([level, ...parts.map((each) => `${each.part}=${each.level}`)].join());
    // A process of another version may know other parts.
    if (!(settings instanceof Refused)) change(settings);
  });
  return {
    get settings(): LogSettings {
      return log.settings;
    },
    change(settings: LogSettings): void {
      change(settings);
      const parts = Object.entries(settings.parts).map(([part, level]) => ({ part, level }));
      bus.publish(logsSubject(process), { level: settings.level, parts });
    },
  };
}
