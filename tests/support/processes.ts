/** Owns which processes of this machine have to do with a folder. */

import { readdirSync, readFileSync } from "node:fs";

/** The command of each that was told of the folder, as an argument or by a setting. */
export function processesIn(folder: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [command = "", settings = ""] = ["cmdline", "environ"].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " "),
        );
        return `${command}${settings}`.includes(folder) ? [command] : [];
      } catch {
        return [];
      }
    });
}
