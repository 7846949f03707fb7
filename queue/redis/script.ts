/** Owns what a Lua script is to those who run it: its text, and the name under which a server remembers it. */

/** A script opens with what its KEYS, its ARGV and its answer are. All its keys share a hash tag, so that a cluster can run it. */
export class RedisScript {
  readonly lua: string;
  /** As `EVALSHA` wants it. */
  readonly sha1: string;

  constructor(lua: string) {
    this.lua = lua;
    this.sha1 = new Bun.CryptoHasher("sha1").update(lua).digest("hex");
  }
}
