/** Owns certificates for tests: an authority of their own, and what it signs for this machine, made by openssl in a folder. */

import { join } from "node:path";
import { assert } from "../../actors/assert.ts";

const DAYS = ["-days", "2"];
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Paths of PEM files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes `<name>.crt` and `<name>.key` of an authority. */
export function makeAuthority(folder: string, name = "ca"): Certificate {
  const files = filesOf(folder, name);
  const subject = ["-subj", `/CN=Test authority ${name}`];
  openssl(folder, ["req", "-x509", ...NEW_KEY, "-keyout", files.key, "-out", files.cert, ...DAYS, ...subject]);
  return files;
}

/** Makes `<name>.crt` and `<name>.key`, signed by the authority, for 127.0.0.1, as a server or as a client. */
export function makeCertificate(folder: string, name: string, authority: Certificate): Certificate {
  const files = filesOf(folder, name);
  const request = join(folder, `${name}.csr`);
  const address = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  openssl(folder, ["req", ...NEW_KEY, "-keyout", files.key, "-out", request, ...address]);
  const signer = ["-CA", authority.cert, "-CAkey", authority.key, "-CAcreateserial", "-copy_extensions", "copy"];
  openssl(folder, ["x509", "-req", "-in", request, ...signer, "-out", files.cert, ...DAYS]);
  return files;
}

function filesOf(folder: string, name: string): Certificate {
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function openssl(folder: string, args: readonly string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: folder });
  assert(exitCode === 0, () => `a certificate is made: ${stderr.toString()}`);
}
