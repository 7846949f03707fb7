/** Owns the name under which operators find a process that was given none. */

/** What is kept of it. */
const LENGTH_MAX = 64;

/** Machine and port; of a long machine's name the beginning, and a hash that tells it from others that begin so. */
export function hostIdOf(machine: string, port: number): string {
  const rest = `-${port}`;
  const room = LENGTH_MAX - rest.length;
  if (machine.length <= room) return machine + rest;
  const hash = `-${Bun.hash(machine).toString(36)}`;
  return machine.slice(0, room - hash.length) + hash + rest;
}
