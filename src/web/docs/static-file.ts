/**
 * A file that does not change while the process runs. Its bytes and its version are computed once, and its gzipped bytes
 * when they are first asked for, because compressing all pages would double the time of a start.
 */
import { gzipSync } from 'node:zlib';
import { sha256 } from '../../lib/hash.ts';

export interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  /** A hash of the content, so it is the same on every node that serves the same content. */
  readonly version: string;
}

export function staticFile(type: string, content: string): StaticFile {
  const bytes = Buffer.from(content);
  const version = sha256(bytes).toString('base64url').slice(0, 16);
  let gzipped: Buffer | undefined;
  return {
    type,
    bytes,
    version,
    get gzipped() {
      gzipped ??= gzipSync(bytes, { level: 9 });
      return gzipped;
    },
  };
}
