/** Owns the deployed nginx as tests start it: the files of `deploy/nginx/` with a folder, free ports and a certificate of the test's own. */

import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, present } from "../../actors/assert.ts";
import { firstBytes } from "../../deploy/cluster/greeting.ts";
import { Server } from "../../deploy/cluster/server.ts";
import { freePort } from "../../deploy/free-port.ts";
import { type Certificate, makeAuthority, makeCertificate } from "./certificates.ts";
import { requireService } from "./services.ts";

const CONFIGURATION = join(import.meta.dir, "../../deploy/nginx");

const EDGE_OPTIONS = ["max_fails=2 fail_timeout=2s", "max_fails=0 backup"];

export class GivenNginx {
  readonly folder = mkdtempSync(join(tmpdir(), "pigonair-nginx-"));
  readonly httpPort = freePort();
  readonly httpsPort = freePort();
  readonly #authority: Certificate;
  #server: Server | null = null;

  constructor() {
    // Its workers are somebody else, who must find the files.
    chmodSync(this.folder, 0o755);
    for (const name of ["conf", "cache", "logs", "tls", "acme"]) mkdirSync(join(this.folder, name));
    this.#authority = makeAuthority(join(this.folder, "tls"));
    cpSync(CONFIGURATION, join(this.folder, "conf"), { recursive: true });
    this.#edit("nginx.conf", [
      ["user www-data;", "user nobody nogroup;"],
      ["/run/nginx.pid", join(this.folder, "nginx.pid")],
      ["/var/log/nginx", join(this.folder, "logs")],
      ["/var/cache/nginx", join(this.folder, "cache")],
      ["/var/www/acme", join(this.folder, "acme")],
      // A machine of tests may have no IPv6.
      ["listen [::]:80", `listen 127.0.0.2:${this.httpPort}`],
      ["listen [::]:443", `listen 127.0.0.2:${this.httpsPort}`],
      ["listen 80", `listen 127.0.0.1:${this.httpPort}`],
      ["listen 443", `listen 127.0.0.1:${this.httpsPort}`],
      ["server_name pigonair.example", "server_name localhost"],
    ]);
    this.#edit("tls.conf", [["/etc/letsencrypt/live/pigonair", join(this.folder, "tls")]]);
    this.certify("first");
  }

  /** Resolves when it serves. @param edgePorts of the edges, all on this machine */
  async start(edgePorts: readonly number[]): Promise<void> {
    this.#balance(edgePorts);
    const program = present(requireService("nginx"), "the suite is left out without it");
    const configuration = ["-p", this.folder, "-c", join(this.folder, "conf/nginx.conf"), "-e", "stderr"];
    this.#server = new Server({
      name: "nginx",
      port: this.httpPort,
      command: [program, ...configuration, "-g", "daemon off;"],
      env: { PATH: process.env.PATH ?? "" },
      folder: this.folder,
      print: () => {},
      isReady: async (port) => (await firstBytes(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).length > 0,
    });
    await this.#server.start();
  }

  get url(): string {
    return `https://localhost:${this.httpsPort}`;
  }

  /** Of the authority that signs its certificates. */
  get ca(): string {
    return readFileSync(this.#authority.cert, "utf8");
  }

  /** What it has logged of requests. */
  get accessLog(): string {
    return readFileSync(join(this.folder, "logs/access.log"), "utf8");
  }

  /** A new certificate at the place of the old one, as `certbot renew` leaves it. */
  certify(name: string): void {
    const { cert, key } = makeCertificate(join(this.folder, "tls"), name, this.#authority);
    cpSync(cert, join(this.folder, "tls/fullchain.pem"));
    cpSync(key, join(this.folder, "tls/privkey.pem"));
  }

  /** What the authority looks for. */
  answerChallenge(token: string, answer: string): void {
    const folder = join(this.folder, "acme/.well-known/acme-challenge");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, token), answer);
  }

  /** Reads its configuration and certificate anew, as `systemctl reload nginx` does. */
  reload(): void {
    process.kill(present(this.#server?.pid, "nginx runs"), "SIGHUP");
  }

  async remove(): Promise<void> {
    await this.#server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Writes `edges.conf` for edges of this machine, as the file that is deployed has them. */
  #balance(edgePorts: readonly number[]): void {
    const deployed = readFileSync(join(CONFIGURATION, "edges.conf"), "utf8");
    const lines = EDGE_OPTIONS.flatMap((options) => {
      assert(deployed.includes(` ${options};`), () => `edges.conf has "${options}"`);
      return edgePorts.map((port) => `server 127.0.0.1:${port} ${options};\n`);
    });
    writeFileSync(join(this.folder, "conf/edges.conf"), lines.join(""));
  }

  /** Puts what is of this test where the file has what is of a server; each place must be there. */
  #edit(name: string, places: readonly (readonly [deployed: string, own: string])[]): void {
    const file = join(this.folder, "conf", name);
    let text = readFileSync(file, "utf8");
    for (const [deployed, own] of places) {
      assert(text.includes(deployed), () => `${name} has "${deployed}"`);
      text = text.replaceAll(deployed, own);
    }
    writeFileSync(file, text);
  }
}
