/** Owns what a reader must know of the machine and the programs to compare a run with another. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { findProgram, SERVER_PROGRAMS, searchPath } from "../../deploy/cluster/programs.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dir, "../..");

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    versions: {
      pigonair: `${packageVersion()} ${said(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"])}`.trim(),
      bun: Bun.version,
      ...Object.fromEntries(Object.entries(SERVER_PROGRAMS).map(([name, program]) => [name, serverVersion(program)])),
    },
  };
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
}

function serverVersion(program: (typeof SERVER_PROGRAMS)[keyof typeof SERVER_PROGRAMS]): string {
  const path = findProgram(program, searchPath(process.env));
  if (path === null) return "not installed";
  const text = said([path, "--version"]);
  return /\d+\.\d+\.\d+(?:-MariaDB)?/.exec(text)?.[0] ?? text;
}

/** What a program prints; nothing when it is not there. */
function said(command: string[]): string {
  try {
    return Bun.spawnSync(command, { stderr: "ignore" }).stdout.toString().trim();
  } catch {
    return "";
  }
}
