/** Owns a mail server for tests: it takes what it is sent, or answers a step as it is told to. */

import { createServer, type Server, type Socket } from "node:net";

export type SmtpStep = "GREETING" | "EHLO" | "MAIL" | "RCPT" | "DATA" | "CONTENT";

const USUAL: Record<SmtpStep, string> = {
  GREETING: "220 mail.example ready",
  EHLO: "250 mail.example",
  MAIL: "250 2.1.0 fine",
  RCPT: "250 2.1.5 fine",
  DATA: "354 go on",
  CONTENT: "250 2.0.0 taken",
};

export class SmtpServer {
  /** Messages as they were taken, with the dots of RFC 5321 §4.5.2 undone. */
  readonly taken: string[] = [];
  readonly recipients: string[] = [];
  connections = 0;
  /** What a step is answered; null closes the connection instead. @default as a server that takes everything */
  answer: (step: SmtpStep, line: string) => string | null = (step) => USUAL[step];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#serve(socket));
  }

  static async start(): Promise<SmtpServer> {
    const server = createServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    return new SmtpServer(server);
  }

  get url(): string {
    const address = this.#server.address();
    return `smtp://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
  }

  usual(step: SmtpStep): string {
    return USUAL[step];
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    let unread = "";
    let content: string[] | null = null;
    const say = (step: SmtpStep, line: string): boolean => {
      const answer = this.answer(step, line);
      if (answer === null) socket.destroy();
      else socket.write(`${answer}\r\n`);
      return answer !== null && /^[23]/.test(answer);
    };
    const take = (line: string): void => {
      if (content !== null) {
        if (line !== ".") content.push(line.replace(/^\./, ""));
        else {
          if (say("CONTENT", "")) this.taken.push(content.join("\r\n"));
          content = null;
        }
      } else if (/^EHLO/i.test(line)) say("EHLO", line);
      else if (/^MAIL/i.test(line)) say("MAIL", line);
      else if (/^RCPT/i.test(line)) {
        if (say("RCPT", line)) this.recipients.push(/<(.*)>/.exec(line)?.[1] ?? "");
      } else if (/^DATA/i.test(line)) content = say("DATA", line) ? [] : null;
      else if (/^QUIT/i.test(line)) socket.end("221 bye\r\n");
      else socket.write("250 fine\r\n");
    };
    socket.on("data", (chunk) => {
      unread += chunk.toString("utf8");
      const lines = unread.split("\r\n");
      unread = lines.pop() ?? "";
      lines.forEach(take);
    });
    say("GREETING", "");
  }
}
