/** Owns how a line of one of many processes is shown to a person: who, how grave, what, and the fields that say more. */

const NAME_WIDTH = 10;

/** ANSI colours, by the number behind a process's name, so that neighbours differ. */
const COLOURS = [36, 33, 35, 32, 34, 31];
const RESET = "\u001b[0m";

/** Of what the servers below say, only what is wrong is of interest. */
const WRONG = /\b(?:ERR|ERROR|FTL|FATAL|OOM|Aborting)\b|^ready |^ended /;

/** Null when the line is of no interest to whoever watches the whole. @param isServer whether the process is one of the servers below */
export function logLine(name: string, line: string, isServer: boolean, isColoured: boolean): string | null {
  if (isServer && !WRONG.test(line)) return null;
  const text = line.startsWith("{") ? fromJson(line) : line;
  if (text === null || text.trim() === "") return null;
  const who = name.padEnd(NAME_WIDTH);
  if (!isColoured) return `${who} ${text}`;
  const colour = COLOURS[[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS.length];
  return `\u001b[${colour}m${who}${RESET} ${text}`;
}

function fromJson(line: string): string | null {
  try {
    const { level, time, msg, pid: _pid, hostname: _hostname, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const more = Object.entries(fields).map(([field, value]) => `${field}=${shown(value)}`);
    const at = typeof time === "number" || typeof time === "string" ? new Date(time).toISOString().slice(11, 23) : "";
    return [at, String(level ?? ""), String(msg ?? ""), ...more].filter((part) => part !== "").join("  ");
  } catch {
    return line;
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
