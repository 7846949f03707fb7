/** Owns listeners that only listen: opens streams of events, counts what comes, and says how it went when it is told to stop. */

interface ListenersOptions {
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  readonly count: number;
}

/** Connections that are made at once. */
const OPENED_AT_ONCE = 250;

const options: ListenersOptions = JSON.parse(process.argv[2] ?? "{}");
let listening = 0;
let bytes = 0;

async function listen(): Promise<void> {
  await Bun.connect({
    hostname: options.hostname,
    port: options.port,
    socket: {
      open(socket) {
        socket.write(`GET ${options.path} HTTP/1.1\r\nHost: ${options.hostname}\r\nAccept: text/event-stream\r\n\r\n`);
        listening += 1;
      },
      data(_, chunk) {
        bytes += chunk.length;
      },
      close() {
        listening -= 1;
      },
    },
  });
}

for (let at = 0; at < options.count; at += OPENED_AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, options.count - at) }, listen));
}
console.log(JSON.stringify({ listening }));
for await (const _ of Bun.stdin.stream()) console.log(JSON.stringify({ listening, bytes }));
process.exit(0);

export {};
